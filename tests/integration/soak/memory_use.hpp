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

/// Looks twice a second at RssAnon (pages of files, a checkpoint's map among them, do not count) and at what of it is in use:
/// glibc keeps freed memory for the threads that come next. One thread.
class memory_use {
 public:
  /// Of a run that is to last so long.
  explicit memory_use(std::chrono::seconds expected);
  ~memory_use();
  memory_use(const memory_use&) = delete;
  memory_use& operator=(const memory_use&) = delete;

  void stop();

  /// After stop(), a line for each: medians of the first twentieth, of the quarters and of the last twentieth; the most.
  std::string in_words() const;
  /// Whether the last quarter took no more than the second one, but for a tenth and 8 MiB, both of them.
  bool is_flat() const;

 private:
  using series = std::vector<std::uint64_t>;  ///< KiB

  static std::uint64_t median(const series& of, double from, double to);
  static std::string in_words(const char* name, const series& of);
  static bool is_flat(const series& of);

  std::mutex guard_;
  std::condition_variable changed_;
  bool stopping_ = false;
  series resident_;
  series used_;
  std::thread thread_;
};

}  // namespace quipu::test::soak
