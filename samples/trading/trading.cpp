/// Fills for many symbols, most of them for one: `trading [DIRECTORY [JOURNAL]]`. Prints what one hot key costs.
#include <quipu/runtime.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "position.hpp"

namespace {

using samples::position;
using answers = std::vector<quipu::future<quipu::answer<trading::StandingT>>>;

constexpr std::uint64_t executions = 50'000;
constexpr std::uint64_t together = 500;  // handed over at once
constexpr std::uint64_t symbols = 1'000;

std::string spread(std::uint64_t i) { return "SYM" + std::to_string(i % symbols); }
/// Nine of ten executions go to one symbol.
std::string hot(std::uint64_t i) { return i % 10 != 0 ? "HOT" : spread(i); }

/// Bought and sold again, so that the position stays near zero however often the program runs.
trading::ExecuteT execution(std::uint64_t i) {
  const std::int64_t side = (i / symbols) % 2 == 0 ? 1 : -1;
  return {.order = "order-" + std::to_string(i),
          .fills = {trading::Fill(side * 60, 1'000), trading::Fill(side * 40, 1'001)}};
}

std::uint64_t count_accepted(answers& of) {
  std::uint64_t accepted = 0;
  for (auto& one : of) {
    const auto answer = one.get();
    if (answer && answer->accepted())
      ++accepted;
    else
      std::fprintf(stderr, "trading: %s\n",
                   answer ? answer->rejected().code.c_str() : answer.error().text.c_str());
  }
  return accepted;
}

/// Two portions are on their way at once, so that the journal never waits for this thread. False when one failed.
bool run(quipu::runtime& rt, const char* name, std::string (*symbol)(std::uint64_t)) {
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t accepted = 0;
  answers on_their_way;
  for (std::uint64_t first = 0; first < executions; first += together) {
    std::vector<quipu::keyed<trading::ExecuteT>> portion;
    for (std::uint64_t i = first; i < first + together; ++i) portion.push_back({symbol(i), execution(i)});
    auto next = rt.submit<position>(std::move(portion), {.wait_for_room = std::chrono::seconds(10)});
    accepted += count_accepted(on_their_way);
    on_their_way = std::move(next);
  }
  accepted += count_accepted(on_their_way);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%-28s %9.0f durable executions/s\n", name, static_cast<double>(accepted) / took.count());
  return accepted == executions;
}

std::uint64_t fills_of_hot(quipu::runtime& rt) {
  const auto read = rt.read<position>("HOT").get();
  return read && read->accepted() ? (*read)->fills : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto domain = quipu::domain{"trading", quipu::entities<position>};
  auto rt = quipu::runtime::open(
      domain, {.directory = argc > 1 ? argv[1] : "trading-data", .journal = argc > 2 ? argv[2] : "lmdb:"});
  if (!rt) {
    std::fprintf(stderr, "trading: %s\n", rt.error().text.c_str());
    return 3;
  }
  const auto before = fills_of_hot(*rt);
  const bool all_done =
      run(*rt, "spread over 1000 symbols", spread) && run(*rt, "nine of ten for one symbol", hot);
  const auto filled = fills_of_hot(*rt) - before;
  std::printf("the hot symbol has %llu more fills\n", static_cast<unsigned long long>(filled));
  const bool closed = rt->close().complete();
  return all_done && closed && filled == executions / 10 * 9 * 2 ? 0 : 1;
}
