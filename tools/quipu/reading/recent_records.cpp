#include "reading/recent_records.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>

#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

using journal::partition_id;
using journal::record_view;

constexpr std::size_t damage_shown = 10;
/// How far behind unreadable storage is looked for something readable.
constexpr record_number most_unreadable = 256;

class reader {
 public:
  reader(journal::journal& from, recent_records& into) : journal_(from), into_(into) {}

  journal::result<void> read();

 private:
  void count(const journal::stored_record& stored, const record_view& view);
  void damaged(record_number number, const std::string& how) {
    if (into_.damage.size() < damage_shown)
      into_.damage.push_back("record " + std::to_string(number) + ": " + how);
  }

  journal::journal& journal_;
  recent_records& into_;
};

journal::result<void> reader::read() {
  auto next = into_.first;
  auto cursor = journal_.read(next);
  record_number unreadable = 0;
  while (next <= into_.last && !interrupted()) {
    auto got = cursor->next();
    if (!got && got.error().kind != journal::failure_kind::corrupt) return std::unexpected(got.error());
    if (!got) {
      if (unreadable++ == 0) damaged(next, describe(got.error()));
      if (unreadable > most_unreadable) break;
      cursor = journal_.read(++next);
      continue;
    }
    unreadable = 0;
    if (!*got || (*got)->number > into_.last) break;
    next = (*got)->number + 1;
    const auto view = record_view::decode((*got)->data);
    if (!view) {
      damaged((*got)->number, describe(view.error()));
      continue;
    }
    count(**got, *view);
  }
  return {};
}

void reader::count(const journal::stored_record& stored, const record_view& view) {
  auto& partition = into_.partitions[stored.partition];
  const auto stamp = view.stamp();
  ++into_.records;
  into_.bytes += stored.data.size();
  into_.events += view.event_count();
  ++partition.records;
  partition.events += view.event_count();
  partition.epoch = stamp.epoch;
  partition.last_us = stamp.time_us;
  if (view.is_claim()) partition.claims.push_back({std::string(view.owner()), stamp.time_us});
  std::vector<std::uint64_t> by_type(view.type_count());
  for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
    const auto commit = view.commit_at(i);
    into_.first_us = into_.commits == 0 ? commit.time_us : std::min(into_.first_us, commit.time_us);
    into_.last_us = into_.commits == 0 ? commit.time_us : std::max(into_.last_us, commit.time_us);
    ++into_.commits;
    for (std::uint32_t j = 0; j < commit.event_count; ++j) ++by_type[commit.event(j).type];
  }
  for (std::uint32_t i = 0; i < view.type_count(); ++i)
    if (by_type[i] > 0) into_.types[{std::string(view.type(i).name), view.type(i).schema}] += by_type[i];
}

/// Epoch and time of partitions whose last record is older than what was read.
journal::result<void> ask_for_the_others(journal::journal& from, recent_records& into) {
  using answer = journal::result<std::optional<journal::stored_record>>;
  std::vector<std::pair<partition_id, std::future<answer>>> asked;
  for (partition_id p = 0; p < from.about().partitions; ++p) {
    if (into.partitions.contains(p)) continue;
    auto told = std::make_shared<std::promise<answer>>();
    asked.emplace_back(p, told->get_future());
    from.tail(p, [told](answer got) { told->set_value(std::move(got)); });
  }
  for (auto& [partition, future] : asked) {
    const auto got = future.get();
    if (!got) return std::unexpected(got.error());
    if (!*got) continue;
    const auto view = record_view::decode((*got)->data);
    if (!view) {
      if (into.damage.size() < damage_shown)
        into.damage.push_back("record " + std::to_string((*got)->number) + ": " + describe(view.error()));
      continue;
    }
    const auto stamp = view->stamp();
    auto& one = into.partitions[partition];
    one.epoch = stamp.epoch;
    one.last_us = stamp.time_us;
    if (view->is_claim()) one.claims.push_back({std::string(view->owner()), stamp.time_us});
    into.last_us = std::max(into.last_us, view->commit_count() > 0 ? stamp.time_us : into.last_us);
  }
  return {};
}

}  // namespace

journal::result<recent_records> read_recent(journal::journal& from, const journal::summary& sum,
                                            const recent_bounds& bounds) {
  recent_records out{.first = sum.first, .last = sum.last, .whole = true};
  if (sum.records == 0) return out;
  const auto usual = std::max<std::uint64_t>(1, sum.bytes / sum.records);
  const auto wanted = std::max<std::uint64_t>(1, std::min(bounds.records, bounds.bytes / usual));
  if (sum.last - sum.first >= wanted) {
    out.first = sum.last - wanted + 1;
    out.whole = false;
  }
  const auto begun = std::chrono::steady_clock::now();
  if (auto read = reader(from, out).read(); !read) return std::unexpected(read.error());
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (!out.whole)
    if (auto asked = ask_for_the_others(from, out); !asked) return std::unexpected(asked.error());
  return out;
}

}  // namespace quipu::tool
