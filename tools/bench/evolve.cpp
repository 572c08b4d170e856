// What an evolve that takes the stored table costs beside one that takes the object: one journal, replayed by both.
#include "allocations.hpp"
#include "bench.hpp"

#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/runtime.hpp>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "evolve_quipu.hpp"

namespace bench {
namespace {

using namespace bench_events;
using clock = std::chrono::steady_clock;

constexpr std::uint64_t events_of_a_kind = 1'000'000;
constexpr int events_of_a_command = 100;
constexpr std::uint64_t keys = 1'000;

WideT wide_event() {
  return {.customer = "a customer with quite a name",
          .city = "Llanfairpwllgwyngyll",
          .note = "please leave it with the neighbours",
          .tags = {"fragile", "a gift, to be wrapped", "express"},
          .prices = {Price(12, 500'000'000), Price(7, 0), Price(3, 990'000'000), Price(1, 0)}};
}

/// All but evolve. Both readers are one entity to a journal: what one wrote the other replays.
template <class Reader>
struct sums {
  static constexpr std::string_view category = "sums";
  using state = SumsT;
  using commands = quipu::types<RecordT>;
  using events = quipu::types<SmallT, WideT>;
  static quipu::decision<Reader> decide(quipu::absent, const RecordT& c, const quipu::context&) {
    return made(c);
  }
  static quipu::decision<Reader> decide(const state&, const RecordT& c, const quipu::context&) {
    return made(c);
  }
  static quipu::decision<Reader> made(const RecordT& c) {
    quipu::decision<Reader> d;
    for (int i = 0; i < c.count; ++i) {
      if (c.wide)
        d.emit(wide_event());
      else
        d.emit(SmallT{.amount = i});
    }
    return d;
  }
};

struct unpacking : sums<unpacking> {
  static void evolve(state& s, const SmallT& e) { s.sum += e.amount, ++s.events; }
  static void evolve(state& s, const WideT& e) {
    s.sum += static_cast<std::int64_t>(e.city.size() + e.tags.size());
    for (const auto& price : e.prices) s.sum += price.units();
    ++s.events;
  }
};

struct in_place : sums<in_place> {
  static void evolve(state& s, const Small& e) { s.sum += e.amount(), ++s.events; }
  static void evolve(state& s, const Wide& e) {
    s.sum += static_cast<std::int64_t>(e.city()->size() + e.tags()->size());
    for (const auto* price : *e.prices()) s.sum += price->units();
    ++s.events;
  }
};

template <class A>
quipu::result<quipu::runtime> open(const setting& how, const std::filesystem::path& directory) {
  static const auto domain = quipu::domain{"bench", quipu::entities<A>};
  return quipu::runtime::open(domain, {.directory = directory,
                                       .partitions = how.partitions,
                                       .threads = how.threads,
                                       .recovery_target = std::chrono::hours(1)});
}

bool fill(const setting& how, const std::filesystem::path& directory, bool wide) {
  auto rt = open<unpacking>(how, directory);
  if (!rt) {
    std::fprintf(stderr, "%s\n", rt.error().text.c_str());
    return false;
  }
  std::vector<quipu::keyed<RecordT>> list;
  for (std::uint64_t i = 0; i < events_of_a_kind / events_of_a_command; ++i)
    list.push_back({"k" + std::to_string(i % keys), {.wide = wide, .count = events_of_a_command}});
  for (auto& one : rt->submit<unpacking>(std::move(list), {.wait_for_room = std::chrono::seconds(60)}))
    if (const auto answer = one.get(); !answer || !answer->accepted()) {
      std::fprintf(stderr, "%s\n", answer ? answer->rejected().code.c_str() : answer.error().text.c_str());
      return false;
    }
  return rt->close().complete();
}

struct cost {
  double events_per_second = 0;
  double allocations_per_event = 0;
  std::int64_t sum = 0;
};

/// The stored events of a journal, through the entity type alone, on this thread.
template <class A>
std::optional<cost> fold(const std::vector<quipu::bytes>& records) {
  const auto& type = quipu::entity_type_of<A>();
  const auto state = type.make();
  std::uint64_t events = 0;
  std::chrono::duration<double> spent{0};
  std::uint64_t allocations = 0;
  for (const auto& bytes : records) {
    const auto view = quipu::journal::record_view::decode(bytes);
    if (!view) return std::nullopt;
    const allocation_count count;
    const auto start = clock::now();
    for (std::uint32_t c = 0; c < view->commit_count(); ++c) {
      const auto commit = view->commit_at(c);
      for (std::uint32_t e = 0; e < commit.event_count; ++e) {
        const auto event = commit.event(e);
        type.evolve(state.get(), view->type(event.type).name == type.events[0].name ? 0 : 1, event.payload);
      }
    }
    spent += clock::now() - start;
    allocations += count.so_far();
    events += view->event_count();
  }
  return cost{static_cast<double>(events) / spent.count(),
              static_cast<double>(allocations) / static_cast<double>(events),
              static_cast<const SumsT*>(state.get())->sum};
}

std::vector<quipu::bytes> records_of(const std::filesystem::path& directory) {
  std::vector<quipu::bytes> records;
  const auto journal =
      quipu::journal::open("lmdb:", {.mode = quipu::journal::access::read, .node_directory = directory});
  if (!journal) return records;
  const auto cursor = (*journal)->read(1);
  for (auto next = cursor->next(); next && *next; next = cursor->next())
    records.emplace_back((*next)->data.begin(), (*next)->data.end());
  return records;
}

/// The whole of a recovery without snapshots: reading, checking, all partitions, all threads.
template <class A>
std::optional<cost> recover(const setting& how, const std::filesystem::path& directory) {
  std::filesystem::remove_all(directory / "checkpoints");
  const allocation_count count;
  const auto start = clock::now();
  quipu::result<quipu::runtime> rt = open<A>(how, directory);
  const std::chrono::duration<double> took = clock::now() - start;
  const auto allocations = count.so_far();
  if (!rt) {
    std::fprintf(stderr, "%s\n", rt.error().text.c_str());
    return std::nullopt;
  }
  const auto events = static_cast<double>(rt->status().recovery.events_replayed);
  const auto one = rt->read<A>("k0").get();
  return cost{events / took.count(), static_cast<double>(allocations) / events,
              one && one->accepted() ? (*one)->sum : 0};
}

void print(const char* what, const cost& a, const cost& b) {
  std::printf(
      "  %-9s object %10.0f events/s %6.2f allocations/event   table %10.0f events/s %6.2f   x %.2f\n", what,
      a.events_per_second, a.allocations_per_event, b.events_per_second, b.allocations_per_event,
      b.events_per_second / a.events_per_second);
  std::fflush(stdout);
}

int compare(const setting& how, bool wide) {
  const auto directory = how.directory / (wide ? "wide" : "small");
  std::filesystem::remove_all(directory);
  if (!fill(how, directory, wide)) return 3;
  const auto records = records_of(directory);
  std::printf("%s, %llu events\n", wide ? "3 strings, 3 tags, 4 structs" : "one number",
              static_cast<unsigned long long>(events_of_a_kind));
  for (int round = 0; round < how.rounds; ++round) {
    const auto object = fold<unpacking>(records);
    const auto table = fold<in_place>(records);
    const auto recovered_object = recover<unpacking>(how, directory);
    const auto recovered_table = recover<in_place>(how, directory);
    if (!object || !table || !recovered_object || !recovered_table) return 3;
    print("evolve", *object, *table);
    print("recovery", *recovered_object, *recovered_table);
    if (object->sum != table->sum || recovered_object->sum != recovered_table->sum || table->sum == 0) {
      std::fprintf(stderr, "the states differ\n");
      return 1;
    }
  }
  return 0;
}

}  // namespace

int evolve(const setting& how) {
  if (const int code = compare(how, false); code != 0) return code;
  return compare(how, true);
}

}  // namespace bench
