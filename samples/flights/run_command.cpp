#include "run_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "load.hpp"

namespace samples {
namespace {

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, close_file>;

load_listener listener_to(std::FILE* report) {
  return {.opened =
              [report](const quipu::recovery_status& r) {
                std::fprintf(report, "opened %lld %llu %llu %.0f\n", static_cast<long long>(r.took.count()),
                             static_cast<unsigned long long>(r.snapshots_loaded),
                             static_cast<unsigned long long>(r.events_replayed), r.events_per_second);
                std::fflush(report);
              },
          .answered =
              [report](std::size_t confirmed, std::span<const std::uint32_t> latencies_us) {
                std::fprintf(report, "answered %zu", confirmed);
                for (const auto us : latencies_us) std::fprintf(report, " %u", us);
                std::fputc('\n', report);
                std::fflush(report);
              }};
}

}  // namespace

int run_command(int argc, char** argv) {
  load_options how;
  std::string csv;
  std::string report_path;
  CLI::App app("Sends every departure and arrival of a file to its airport. Safe to kill and to run again.",
               "run");
  app.add_option("--directory", how.directory, "what the node keeps")->required();
  app.add_option("--journal", how.journal, "lmdb: (in the directory), lmdb:PATH, nats://HOST:PORT/NAME");
  app.add_option("--csv", csv, "the flights")->required();
  app.add_option("--from", how.from, "the first movement to send; all before it were confirmed");
  app.add_option("--report", report_path, "tell here how far it is");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }

  const auto flights = read_flights(csv);
  if (!flights) {
    std::fprintf(stderr, "flights: %s\n", flights.error().c_str());
    return 3;
  }
  open_file report;
  if (!report_path.empty()) {
    report.reset(std::fopen(report_path.c_str(), "w"));
    if (!report) {
      std::perror(report_path.c_str());
      return 3;
    }
  }
  bool opened = false;
  auto listener = report ? listener_to(report.get()) : load_listener{};
  listener.opened = [&opened, told = std::move(listener.opened)](const quipu::recovery_status& recovery) {
    opened = true;
    if (told) told(recovery);
  };
  const auto start = std::chrono::steady_clock::now();
  const auto done = load_flights(*flights, how, listener);
  if (!done) {
    std::fprintf(stderr, "flights: %s\n", done.error().c_str());
    return opened ? 1 : 3;
  }
  if (report)
    std::fprintf(report.get(), "done %zu %zu %zu\n", done->recorded, done->repeats, done->forgotten);
  if (!report) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%zu movements recorded, %zu had been recorded before, in %.1f s\n", done->recorded,
                done->repeats + done->forgotten, took.count());
  }
  return 0;
}

}  // namespace samples
