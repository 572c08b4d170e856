/// A bank's owner in a process of its own, as its test sees it.
#pragma once

#include "client_record.hpp"
#include "support/process.hpp"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace quipu::test {

/// Started by the constructor, ended by the destructor. What its clients send and hear goes into the record.
class owner_process {
 public:
  owner_process(const std::string& url, const std::filesystem::path& directory, const std::string& name,
                std::uint64_t seed, client_record& record);
  ~owner_process();
  owner_process(const owner_process&) = delete;
  owner_process& operator=(const owner_process&) = delete;

  void signal(int number);
  /// Whether it has said it, within the limit.
  bool wait_for(const std::string& word, std::chrono::milliseconds limit = std::chrono::seconds{30});
  std::size_t superseded() const;  ///< how many partitions it has lost
  bool wait_until_superseded(std::size_t partitions,
                             std::chrono::milliseconds limit = std::chrono::seconds{30});
  /// Ends its load and waits for all its answers.
  bool finish(std::chrono::milliseconds limit = std::chrono::seconds{60});

 private:
  void listen();

  client_record& record_;
  process program_;
  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::multiset<std::string> words_;
  std::thread listener_;
};

}  // namespace quipu::test
