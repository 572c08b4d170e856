#include "one_server.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace quipu::test {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* given = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

one_server::one_server(nats_settings with) : server(std::move(with)), proxy(server.port()) {}

void one_server::SetUp() {
  QUIPU_SKIP_WITHOUT_NATS(server.settings().build);
  server.start();
}

void one_server::TearDown() {
  if (IsSkipped()) return;
  if (!record.all().empty()) std::printf("%s\n", record.figures().c_str());
  if (!longest_after_.empty())
    std::printf(
        "longest from the end of a fault to the first new answer: %lld ms, of all partitions %lld ms (%s)\n",
        static_cast<long long>(longest_.first.count()), static_cast<long long>(longest_.slowest.count()),
        longest_after_.c_str());
  if (HasFailure())
    std::printf("QUIPU_SEED=%llu\nthe server's log ends:\n%s\n", static_cast<unsigned long long>(seed()),
                server.log(6'000).c_str());
}

options one_server::how_to_open(const std::string& url, const std::string& node) const {
  options how;
  how.directory = home / node;
  how.journal = url;
  how.partitions = partitions;
  how.threads = 2;
  how.owner = node;
  return how;
}

runtime one_server::open(options how) {
  auto opened = runtime::open(bank_domain(), std::move(how));
  if (!opened) throw std::runtime_error(opened.error().text);
  return std::move(*opened);
}

void one_server::at(direction way, const char* text, std::function<void()> what) {
  if (proxy.when(way, text, std::move(what)).wait_for(10s) != std::future_status::ready)
    throw std::runtime_error(std::string("nothing with ") + text + " came by");
}

void one_server::expect_recovery(std::string_view after, std::chrono::milliseconds limit) {
  const auto took = record.wait_for_recovery(limit);
  if (!took) {
    ADD_FAILURE() << "work did not go on within " << limit.count() << " ms: " << after;
    return;
  }
  longest_.first = std::max(longest_.first, took->first);
  if (took->slowest < longest_.slowest) return;
  longest_.slowest = took->slowest;
  longest_after_ = after;
}

journal_truth one_server::expect_truth(bank_load& ask_through) {
  ask_through.finish();
  EXPECT_TRUE(ask_through.settle()) << record.unsettled().size() << " commands stay unknown";
  return expect_truth();
}

journal_truth one_server::expect_truth() {
  auto truth = read_journal(direct_url());
  EXPECT_EQ(lies(record, truth), std::vector<std::string>{});
  return truth;
}

}  // namespace quipu::test
