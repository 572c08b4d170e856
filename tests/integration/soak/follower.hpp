/// Reads a journal as it grows, through an opening of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "journal_fold.hpp"

namespace quipu::test::soak {

/// Reads on a thread of its own as long as it lives, and begins again behind the last record that it has seen when the
/// server is away.
class follower {
 public:
  /// `fold` and what it tells belong to that thread.
  follower(std::string url, journal_fold fold, std::function<void(std::string)> wrong);
  ~follower();
  follower(const follower&) = delete;
  follower& operator=(const follower&) = delete;

 private:
  void work();
  bool pause(std::chrono::milliseconds how_long);

  const std::string url_;
  journal_fold fold_;
  std::function<void(std::string)> wrong_;
  std::mutex guard_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

/// All of it once, from the first record; what could not be read is wrong.
void read_all(const std::string& url, journal_fold& fold, const std::function<void(std::string)>& wrong);

}  // namespace quipu::test::soak
