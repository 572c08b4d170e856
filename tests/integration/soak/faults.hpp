/// What goes wrong in a soak, one at a time.
#pragma once

#include <quipu/runtime.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "customers.hpp"
#include "site.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test::soak {

enum class fault : std::uint8_t {
  server_killed,     ///< SIGKILL, and started again; of a cluster the stream's leader
  server_stopped,    ///< SIGSTOP for seconds, some of them longer than every deadline, and SIGCONT; likewise
  all_killed,        ///< all members of a cluster; a single server is killed twice
  connection_cut,    ///< RST
  requests_lost,     ///< one-way: what is sent vanishes for seconds
  answers_lost,      ///< the other way
  delayed,           ///< each way, by up to a few hundred milliseconds
  runtime_reopened,  ///< closed with little patience, and opened again
  taken_over,        ///< another runtime opens while the first one is at work
};
inline constexpr std::size_t fault_kinds = 9;
std::string_view name_of(fault which);

/// The bank that goes through it. One thread.
class patient {
 public:
  /// No fault that lasts lasts longer than this.
  patient(soak::site& at, customers& who, std::uint32_t partitions, std::chrono::milliseconds longest);
  ~patient();
  patient(const patient&) = delete;
  patient& operator=(const patient&) = delete;

  /// The error is a text for people.
  std::expected<void, std::string> open();
  /// Returns when the fault has ended; says how long it was.
  std::expected<std::chrono::milliseconds, std::string> suffer(fault which, std::mt19937_64& random);
  /// Closes it; whoever waits is told.
  void close(std::chrono::milliseconds within);

  static constexpr const char* journal = "soak";

 private:
  std::expected<std::unique_ptr<runtime>, std::string> open_runtime(bool take_over);
  std::expected<void, std::string> reopen(std::mt19937_64& random);
  std::expected<void, std::string> change_owner();
  void kill(bool all);
  void network(fault which, std::chrono::milliseconds how_long, std::mt19937_64& random);

  soak::site& site_;
  customers& customers_;
  const std::uint32_t partitions_;
  const std::chrono::milliseconds longest_;
  temporary_directory here_;
  std::size_t openings_ = 0;
  std::unique_ptr<runtime> bank_;
};

/// Every kind once, in an order that the seed decides, and again.
class fault_plan {
 public:
  explicit fault_plan(std::mt19937_64& random) : random_(random) {}
  fault next();

 private:
  std::mt19937_64& random_;
  std::vector<fault> left_;
};

}  // namespace quipu::test::soak
