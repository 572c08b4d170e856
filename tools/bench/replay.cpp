// How fast a journal can be read: every record through the port's cursor, decoded and its events counted.
#include "load.hpp"

#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>

#include <chrono>
#include <cstdio>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

/// The bank's deposits, where nothing is yet; what is there is taken as it is.
bool fill(const setting& how) {
  const auto there = quipu::journal::open(
      how.journal, {.mode = quipu::journal::access::read, .node_directory = how.directory});
  if (there) return true;
  if (there.error().kind == quipu::journal::failure_kind::not_found) {
    std::filesystem::remove_all(how.directory);
    auto bank = open_bank(how);
    if (bank && open_accounts(*bank, how)) {
      const auto f = deposit(*bank, how);
      std::printf("  filled    %9.0f durable commands/s, %.0f events a batch\n", f.per_second,
                  f.events_per_batch);
      return true;
    }
    if (bank) return false;
    std::fprintf(stderr, "%s\n", bank.error().text.c_str());
    return false;
  }
  std::fprintf(stderr, "%s\n", there.error().text.c_str());
  return false;
}

struct counts {
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

/// Everything up to the end; the failure's text on stderr.
bool read_all(quipu::journal::journal& from, counts& all) {
  const auto cursor = from.read(1);
  for (;;) {
    const auto next = cursor->next();
    if (!next) {
      std::fprintf(stderr, "%s\n", next.error().text.c_str());
      return false;
    }
    if (!*next) return true;
    const auto view = quipu::journal::record_view::decode((*next)->data);
    if (!view) {
      std::fprintf(stderr, "record %llu: %s\n", static_cast<unsigned long long>((*next)->number),
                   view.error().text.c_str());
      return false;
    }
    ++all.records;
    all.events += view->event_count();
    all.bytes += (*next)->data.size();
  }
}

}  // namespace

int replay(const setting& how) {
  if (!fill(how)) return 3;
  for (int round = 0; round < how.rounds; ++round) {
    const auto opened = quipu::journal::open(
        how.journal, {.mode = quipu::journal::access::read, .node_directory = how.directory});
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().text.c_str());
      return 3;
    }
    counts all;
    const auto start = clock::now();
    if (!read_all(**opened, all)) return 1;
    const double seconds = std::chrono::duration<double>(clock::now() - start).count();
    std::printf("  replay    %9.0f events/s   %8.0f records/s   %6.0f MB/s   (%llu events in %llu records)\n",
                static_cast<double>(all.events) / seconds, static_cast<double>(all.records) / seconds,
                static_cast<double>(all.bytes) / seconds / 1e6, static_cast<unsigned long long>(all.events),
                static_cast<unsigned long long>(all.records));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace bench
