/// The end of a connecting that would have none: cnats before 3.8 does not look at the clock while it waits for a server's
/// first answers. Where a server (or a network) accepts a connection and then says nothing, it reads for ever, with a whole
/// core, and keeps a byte more at every turn. Only the end of the socket ends that.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace quipu::journal::jetstream {

/// Lives while one connecting goes on. When that takes longer than `patience`, sockets of this process that were opened since
/// and lead to one of the ports are shut down, for the library tells nobody which is its own: another library's connection
/// to the same server, made in the same seconds, may be among them, and sees a lost connection.
class connect_watch {
 public:
  connect_watch(std::vector<std::uint16_t> ports, std::chrono::milliseconds patience);
  ~connect_watch();
  connect_watch(const connect_watch&) = delete;
  connect_watch& operator=(const connect_watch&) = delete;

 private:
  void watch(std::chrono::milliseconds patience);

  const std::vector<std::uint16_t> ports_;
  const std::set<std::uint64_t> known_;  ///< inodes of the sockets that were there before
  std::mutex guard_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace quipu::journal::jetstream
