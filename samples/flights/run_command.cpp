#include "run_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "flights_domain.hpp"
#include "live_tables.hpp"
#include "load.hpp"

namespace samples {
namespace {

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, close_file>;

/// Lines to whoever watches; nowhere, where nobody does.
class reporter {
 public:
  /// False, with the reason on stderr, where it can't be written. An empty path: nobody watches.
  bool open(const std::string& path) {
    if (path.empty()) return true;
    file_.reset(std::fopen(path.c_str(), "w"));
    if (!file_) std::perror(path.c_str());
    return file_ != nullptr;
  }
  bool watched() const { return file_ != nullptr; }

  template <class... A>
  void line(const char* format, A... values) {
    if (!file_) return;
    std::fprintf(file_.get(), format, values...);  // NOLINT(cppcoreguidelines-pro-type-vararg)
    std::fflush(file_.get());
  }
  void opened(const quipu::recovery_status& r) {
    line("opened %lld %llu %llu %.0f\n", static_cast<long long>(r.took.count()),
         static_cast<unsigned long long>(r.snapshots_loaded),
         static_cast<unsigned long long>(r.events_replayed), r.events_per_second);
  }
  void followed(const live_tables& tables) {
    if (!file_ || clock::now() - followed_at_ < between_status) return;
    followed_at_ = clock::now();
    for (const auto& now : tables.status())
      line("followed %s %llu %lld %s\n", now.name.c_str(), static_cast<unsigned long long>(now.lag_events),
           static_cast<long long>(now.lag.count()), std::string(name_of(now.backlog)).c_str());
  }
  void answered(std::size_t confirmed, std::span<const std::uint32_t> latencies_us) {
    if (!file_) return;
    std::fprintf(file_.get(), "answered %zu", confirmed);
    for (const auto us : latencies_us) std::fprintf(file_.get(), " %u", us);
    std::fputc('\n', file_.get());
    std::fflush(file_.get());
  }

 private:
  using clock = std::chrono::steady_clock;
  static constexpr auto between_status = std::chrono::milliseconds(20);

  open_file file_;
  clock::time_point followed_at_;
};

int failed(const std::string& why, int code) {
  std::fprintf(stderr, "flights: %s\n", why.c_str());
  return code;
}

/// The load beside its tables, which have all of it in the end.
std::expected<load_report, std::string> load(quipu::runtime& rt, const std::filesystem::path& directory,
                                             std::span<const flight> flights, std::size_t from,
                                             reporter& to) {
  quipu::read_models models(directory);
  const auto tables = live_tables::follow(models, *rt.journal());
  if (!tables) return std::unexpected(tables.error());
  auto done = load_flights(rt, flights, from, [&](std::size_t confirmed, std::span<const std::uint32_t> us) {
    to.followed(*tables);
    to.answered(confirmed, us);
  });
  if (!done) return done;
  if (const auto there = tables->catch_up(std::chrono::minutes(1)); !there)
    return std::unexpected(there.error());
  return done;
}

}  // namespace

int run_command(int argc, char** argv) {
  quipu::options how;
  std::string csv;
  std::string report_path;
  std::size_t from = 0;
  CLI::App app("Sends every departure and arrival of a file to its airport. Safe to kill and to run again.",
               "run");
  app.add_option("--directory", how.directory, "what the node keeps")->required();
  app.add_option("--journal", how.journal, "lmdb: (in the directory), lmdb:PATH, nats://HOST:PORT/NAME");
  app.add_option("--csv", csv, "the flights")->required();
  app.add_option("--from", from, "the first movement to send; all before it were confirmed");
  app.add_option("--report", report_path, "tell here how far it is");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }

  const auto flights = read_flights(csv);
  if (!flights) return failed(flights.error(), 3);
  reporter report;
  if (!report.open(report_path)) return 3;
  auto rt = quipu::runtime::open(flights_domain(), how);
  if (!rt) return failed(rt.error().text, 3);
  report.opened(rt->status().recovery);

  const auto start = std::chrono::steady_clock::now();
  const auto done = load(*rt, how.directory, *flights, from, report);
  if (!done) return failed(done.error(), 1);
  if (const auto closed = rt->close(); !closed.complete())
    return failed("closing left " + std::to_string(closed.unsaved_entities) + " airports unsaved", 1);
  report.line("done %zu %zu %zu\n", done->recorded, done->repeats, done->forgotten);
  if (!report.watched()) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%zu movements recorded, %zu had been recorded before, in %.1f s\n", done->recorded,
                done->repeats + done->forgotten, took.count());
  }
  return 0;
}

}  // namespace samples
