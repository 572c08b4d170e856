#include "jetstream/connect_watch.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

namespace quipu::journal::jetstream {
namespace {

constexpr std::chrono::milliseconds between_cuts{2'000};  // the next server has its time to answer

/// 0 for what is no connection.
std::uint16_t port_at_the_other_end(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return 0;
}

/// This process's connections to one of the ports: inode and descriptor.
std::map<std::uint64_t, int> connections_to(const std::vector<std::uint16_t>& ports) {
  std::map<std::uint64_t, int> found;
  std::error_code gone;
  for (std::filesystem::directory_iterator one("/proc/self/fd", gone), end; !gone && one != end;
       one.increment(gone)) {
    const auto name = one->path().filename().string();
    int number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    struct stat about{};
    if (number < 0 || ::fstat(number, &about) != 0 || !S_ISSOCK(about.st_mode)) continue;
    if (std::ranges::find(ports, port_at_the_other_end(number)) != ports.end())
      found.emplace(about.st_ino, number);
  }
  return found;
}

std::set<std::uint64_t> inodes_of(const std::map<std::uint64_t, int>& connections) {
  std::set<std::uint64_t> inodes;
  for (const auto& [inode, number] : connections) inodes.insert(inode);
  return inodes;
}

}  // namespace

connect_watch::connect_watch(std::vector<std::uint16_t> ports, std::chrono::milliseconds patience)
    : ports_(std::move(ports)), known_(inodes_of(connections_to(ports_))) {
  thread_ = std::thread([this, patience] { watch(patience); });
}

connect_watch::~connect_watch() {
  {
    const std::scoped_lock lock(guard_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void connect_watch::watch(std::chrono::milliseconds patience) {
  std::unique_lock lock(guard_);
  auto wait = patience;
  // Held while cutting: once the connecting is over nothing is cut any more.
  while (!changed_.wait_for(lock, wait, [this] { return over_; })) {
    for (const auto& [inode, number] : connections_to(ports_))
      if (!known_.contains(inode)) ::shutdown(number, SHUT_RDWR);
    wait = between_cuts;
  }
}

}  // namespace quipu::journal::jetstream
