/// How much memory of its own this process takes, while it works.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace quipu::test::soak {

/// Looks at RssAnon twice a second: pages of files, a checkpoint's map among them, do not count. One thread.
class memory_use {
 public:
  /// Of a run that is to last so long.
  explicit memory_use(std::chrono::seconds expected);
  ~memory_use();
  memory_use(const memory_use&) = delete;
  memory_use& operator=(const memory_use&) = delete;

  void stop();

  /// After stop(), in MiB: at the start, after a quarter, at the end (medians of a twentieth of the run each), the most.
  std::string in_words() const;
  /// Whether the last quarter took no more than the second one, but for a tenth and 8 MiB.
  bool is_flat() const;

 private:
  std::uint64_t median(double from, double to) const;

  std::mutex guard_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<std::uint64_t> samples_;  ///< KiB
  std::thread thread_;
};

}  // namespace quipu::test::soak
