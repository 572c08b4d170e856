/// Customers of a bank, in their hundreds: they send at a rate that is given, and ask again about what nobody could tell.
#pragma once

#include <quipu/runtime.hpp>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "books.hpp"

namespace quipu::test::soak {

/// Sends on a thread of its own as long as it lives, while it has a runtime. Any thread, unless a member says otherwise.
class customers {
 public:
  using clock = std::chrono::steady_clock;
  struct habits {
    std::uint32_t accounts = 1'000;
    std::uint32_t partitions = 16;
    std::uint32_t rate = 5'000;  ///< commands a second
    std::chrono::milliseconds deadline{3'000};
  };

  customers(soak::books& books, std::mt19937_64 random, habits how);
  /// Every command must have its answer: the runtimes are closed.
  ~customers();
  customers(const customers&) = delete;
  customers& operator=(const customers&) = delete;

  /// Sends to this runtime from now on; null: to none. When it returns, no other one is sent to any more.
  void send_to(runtime* bank);
  /// Nothing new any more; what has no known outcome is still asked again.
  void stop_inventing();
  /// Until all has its answer; false when that takes too long.
  bool wait_until_told(std::chrono::milliseconds limit);

  /// From now to the first command that is sent from now on and accepted: of any partition, and of the slowest.
  std::optional<recovery_times> wait_for_recovery(std::chrono::milliseconds limit);

 private:
  struct customer {
    std::uint32_t under_way = 0;
    std::uint32_t unknown =
        0;  ///< commands; nothing new until there are none: accounts remember so many only
    bool is_open = false;
  };
  struct order {
    bank_command what;
    bool again = false;   ///< nobody knew what became of it
    bool repeat = false;  ///< somebody did
    bank_answer told;     ///< of a repeat
    clock::time_point not_before;
  };

  void work();
  bool next(order& out);
  bool invent(order& out);
  void send(runtime& bank, const order& what);
  template <class C>
  void ask(runtime& bank, const order& what, C command);
  void take(const order& what, const bank_answer& said, clock::time_point sent);

  soak::books& books_;
  std::mt19937_64 random_;
  const habits how_;
  std::mutex guard_;
  std::condition_variable changed_;
  runtime* bank_ = nullptr;
  bool sending_ = false;
  bool inventing_ = true;
  bool stopping_ = false;
  std::size_t under_way_ = 0;
  std::vector<customer> customers_;
  std::deque<order> again_;
  std::array<std::pair<bank_command, bank_answer>, 64> recent_;
  std::size_t recent_count_ = 0;
  std::optional<clock::time_point> fault_ended_;
  std::vector<std::optional<clock::time_point>> recovered_;
  std::thread thread_;
};

}  // namespace quipu::test::soak
