#include "faults.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "bank_load.hpp"
#include "support/seed.hpp"

namespace quipu::test::soak {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// How long a fault lasts is a part of what it is.
void last(std::chrono::milliseconds how_long) { std::this_thread::sleep_for(how_long); }

std::chrono::milliseconds some(std::mt19937_64& random, std::chrono::milliseconds least,
                               std::chrono::milliseconds most) {
  return std::chrono::milliseconds(
      between(random, static_cast<std::uint64_t>(least.count()), static_cast<std::uint64_t>(most.count())));
}

/// An owner is gone, and in life its process with it: what the allocator keeps for its threads is not to count as the
/// next one's.
void give_back_memory() { ::malloc_trim(0); }

}  // namespace

std::string_view name_of(fault which) {
  static constexpr std::array<std::string_view, fault_kinds> names{
      "server killed", "server stopped", "all killed",       "connection cut", "requests lost",
      "answers lost",  "delayed",        "runtime reopened", "taken over"};
  return names[static_cast<std::size_t>(which)];
}

patient::patient(soak::site& at, customers& who, std::uint32_t partitions, std::chrono::milliseconds longest)
    : site_(at), customers_(who), partitions_(partitions), longest_(longest) {}

patient::~patient() { close(10s); }

std::expected<std::unique_ptr<runtime>, std::string> patient::open_runtime(bool take_over) {
  options how;
  // A place of its own for whoever takes over: the first one holds his still. Both come back in their turn, with
  // checkpoints that another one has been ahead of.
  how.directory = here_ / (openings_++ % 2 == 0 ? "even" : "odd");
  how.journal = site_.url(journal);
  how.partitions = partitions_;
  how.replicas = site_.is_cluster() ? 3 : 1;
  how.take_over = take_over;
  how.open_within = 60s;
  how.owner = "soak, opening " + std::to_string(openings_);
  auto opened = runtime::open(bank_domain(), std::move(how));
  if (!opened) return std::unexpected("opening the bank: " + opened.error().text);
  return std::make_unique<runtime>(std::move(*opened));
}

std::expected<void, std::string> patient::open() {
  auto opened = open_runtime(false);
  if (!opened) return std::unexpected(opened.error());
  bank_ = std::move(*opened);
  customers_.send_to(bank_.get());
  return {};
}

void patient::close(std::chrono::milliseconds within) {
  if (!bank_) return;
  bank_->close(within);
  customers_.send_to(nullptr);
  bank_.reset();
  give_back_memory();
}

// Under the hands of its customers.
std::expected<void, std::string> patient::reopen(std::mt19937_64& random) {
  close(some(random, 0ms, 200ms));
  return open();
}

std::expected<void, std::string> patient::change_owner() {
  auto next = open_runtime(true);
  if (!next) return std::unexpected(next.error());
  customers_.send_to(next->get());
  bank_->close(1s);
  bank_ = std::move(*next);
  give_back_memory();
  return {};
}

void patient::kill(bool all) {
  const auto first = site_.leader(journal);
  for (std::size_t i = 0; i < site_.size(); ++i)
    if (all || i == first) site_.server(i).kill();
  for (std::size_t i = 0; i < site_.size(); ++i) site_.server(i).start();
}

void patient::network(fault which, std::chrono::milliseconds how_long, std::mt19937_64& random) {
  const auto by = some(random, 20ms, 300ms);
  site_.each_network([&](tcp_proxy& one) {
    if (which == fault::requests_lost) one.set(direction::to_server, flow::drop);
    if (which == fault::answers_lost) one.set(direction::to_client, flow::drop);
    if (which == fault::delayed) {
      one.delay(direction::to_server, by);
      one.delay(direction::to_client, by);
    }
  });
  last(how_long);
  site_.each_network([&](tcp_proxy& one) {
    one.heal();
    // A stream of bytes that misses some is no connection any more; a network that loses for good ends it.
    if (which != fault::delayed) one.cut();
  });
}

std::expected<std::chrono::milliseconds, std::string> patient::suffer(fault which, std::mt19937_64& random) {
  const auto began = clock::now();
  std::expected<void, std::string> went;
  switch (which) {
    case fault::server_killed:
      kill(false);
      break;
    case fault::all_killed:
      kill(true);
      if (!site_.is_cluster()) kill(true);
      break;
    case fault::server_stopped: {
      auto& one = site_.server(site_.leader(journal));
      one.pause();
      last(some(random, 300ms, longest_));
      one.resume();
      break;
    }
    case fault::connection_cut:
      site_.each_network([](tcp_proxy& one) { one.cut(); });
      break;
    case fault::requests_lost:
    case fault::answers_lost:
    case fault::delayed:
      network(which, some(random, 300ms, longest_), random);
      break;
    case fault::runtime_reopened:
      went = reopen(random);
      break;
    case fault::taken_over:
      went = change_owner();
      break;
  }
  if (!went) return std::unexpected(went.error());
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
}

fault fault_plan::next() {
  if (left_.empty()) {
    for (std::size_t i = 0; i < fault_kinds; ++i) left_.push_back(static_cast<fault>(i));
    std::ranges::shuffle(left_, random_);
  }
  const auto which = left_.back();
  left_.pop_back();
  return which;
}

}  // namespace quipu::test::soak
