/// Clients of a bank that keep a window of commands under way and write down what they are told.
#pragma once

#include <quipu/runtime.hpp>

#include "client_record.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

namespace quipu::test {

/// The sample bank.
quipu::domain bank_domain();

struct load_options {
  std::uint32_t accounts = 64;  ///< numbered from `first_account`
  std::uint32_t first_account = 0;
  std::size_t outstanding = 64;
  std::chrono::milliseconds deadline{30'000};
  std::chrono::milliseconds pause_after_no{20};  ///< after an answer "not done", as its clients would
  bool ask_again = true;  ///< what became of a command, with its id, when nobody could say
};

/// Sends on a thread of its own from start() to finish(). The runtime and the record must outlive it.
class bank_load {
 public:
  bank_load(runtime& on, client_record& record, std::mt19937_64 random, load_options how = {});
  /// finish().
  ~bank_load();
  bank_load(const bank_load&) = delete;
  bank_load& operator=(const bank_load&) = delete;

  void start();
  /// Sends nothing new and returns when every command has its answer.
  void finish();

  /// Sends one command now, whatever the load does; the answer goes to the record.
  void send(const bank_command& what);
  /// Asks again about all that the record does not know, until it is known. False: not within the limit.
  bool settle(std::chrono::milliseconds limit = std::chrono::seconds{30});
  /// Until all that was sent is answered.
  void wait_for_answers();

 private:
  void work();
  bank_command invent();
  void take(const bank_command& what, const bank_answer& said);
  template <class C>
  void ask(const bank_command& what, C command);

  runtime& on_;
  client_record& record_;
  std::mt19937_64 random_;
  const load_options how_;
  std::vector<bool> opened_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
  bool finishing_ = true;
  std::chrono::steady_clock::time_point not_before_;
  std::deque<bank_command> again_;
  std::thread thread_;
};

}  // namespace quipu::test
