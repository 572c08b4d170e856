// A bank with transfers under way: `reaction_worker DIRECTORY JOURNAL load|finish SEED`. It says "ready" once it is open; a load
// goes on until it is killed, a finish until everything that was sent is answered, and says "done".
#include <quipu/reactions/reactor.hpp>
#include <quipu/runtime.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <semaphore>
#include <string>
#include <string_view>

#include "bank_domain.hpp"
#include "transfers.hpp"

namespace {

using samples::account;

template <class E>
int failed(const E& why) {
  std::fprintf(stderr, "%s\n", why.text.c_str());
  return 3;
}

void say(const char* what) {
  std::puts(what);
  std::fflush(stdout);
}

// Some go to accounts that are not there, and come back.
void load(quipu::runtime& rt, unsigned seed) {
  std::minstd_rand random(seed);
  const auto pick = [&](unsigned count) {
    return std::uniform_int_distribution<unsigned>(0, count - 1)(random);
  };
  std::counting_semaphore<> room(24);
  for (;;) {
    room.acquire();
    const auto from = pick(12);
    const auto to = pick(14);
    rt.ask<account>("a" + std::to_string(from),
                    bank::TransferT{.to = "a" + std::to_string(to), .amount = 1 + pick(50)}, {},
                    [&](const auto&) { room.release(); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  quipu::options how{.directory = argv[1], .journal = argv[2]};
  how.log.level = quipu::log_level::off;
  auto rt = quipu::runtime::open(samples::bank_domain(), how);
  if (!rt) return failed(rt.error());
  quipu::read_models models(how.directory);
  quipu::reactor_options quick;
  quick.follow.look_again = std::chrono::milliseconds(2);
  const auto transfers = quipu::react<samples::transfers>(models, *rt, quick);
  if (!transfers) return failed(transfers.error());
  say("ready");
  if (std::string_view(argv[3]) == "load") load(*rt, static_cast<unsigned>(std::atoi(argv[4])));
  const auto last = rt->ask<account>("a0", bank::DepositT{.amount = 1}).get();
  if (!last) return failed(last.error());
  if (const auto done = (*transfers)->wait_for(last->position, std::chrono::seconds(60)); !done)
    return failed(done.error());
  say("done");
  return 0;
}
