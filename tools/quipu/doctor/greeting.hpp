/// What answers at the servers of a nats:// URL, before anything is asked of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::tool {

/// A NATS server says what it is as soon as one connects, before any login.
struct greeting {
  std::string server;   ///< HOST:PORT
  std::string trouble;  ///< why it is not known what answers; the rest is empty then
  bool silent = false;  ///< of such: it takes connections and waits, as one does that begins with TLS
  std::string version;
  std::string name;
  bool jetstream = false;
  bool asks_who = false;  ///< for a login
  bool tls = false;       ///< demanded
};

/// HOST:PORT of every server that the URL names; none for URLs that are not nats://. No login is in it.
std::vector<std::string> servers_of(std::string_view url);

/// All at once; returns within the limit, whatever names and networks do.
std::vector<greeting> greet(const std::vector<std::string>& servers, std::chrono::milliseconds limit);

}  // namespace quipu::tool
