#include "doctor/greeting.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace quipu::tool {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t longest_greeting = 64 * 1024;

class connection {
 public:
  explicit connection(int number) : number_(number) {}
  ~connection() {
    if (number_ >= 0) ::close(number_);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

bool wait_for(int socket, short event, clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    pollfd what{socket, event, 0};
    const int got = ::poll(&what, 1, static_cast<int>(std::max<decltype(left)>(0, left)));
    if (got >= 0 || errno != EINTR) return got > 0;
  }
}

std::string text_of(int error) { return std::system_category().message(error); }

/// The first line that comes from there; in `into`, why none did.
std::string first_line(const addrinfo& at, clock::time_point until, greeting& into) {
  auto& trouble = into.trouble;
  const connection to(::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (to.number() < 0) return trouble = text_of(errno), "";
  if (::connect(to.number(), at.ai_addr, at.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return trouble = text_of(errno), "";
    if (!wait_for(to.number(), POLLOUT, until)) return trouble = "nobody answers", "";
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(to.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return trouble = text_of(error), "";
  }
  std::string text;
  std::array<char, 4096> part{};
  while (text.find('\n') == std::string::npos && text.size() < longest_greeting) {
    const auto got =
        wait_for(to.number(), POLLIN, until) ? ::read(to.number(), part.data(), part.size()) : -1;
    if (got <= 0) {
      trouble = "it takes connections and says nothing: TLS from the first byte, or no NATS server";
      into.silent = true;
      return "";
    }
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text.substr(0, text.find('\n'));
}

greeting read_greeting(greeting out, std::string_view line) {
  constexpr std::string_view begin = "INFO ";
  const auto said = line.starts_with(begin) ? nlohmann::json::parse(line.substr(begin.size()), nullptr, false)
                                            : nlohmann::json(nlohmann::json::value_t::discarded);
  if (!said.is_object()) {
    out.trouble = "what answers is no NATS server";
    return out;
  }
  const auto text = [&](const char* key) {
    const auto found = said.find(key);
    return found != said.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto flag = [&](const char* key) {
    const auto found = said.find(key);
    return found != said.end() && found->is_boolean() && found->get<bool>();
  };
  out.version = text("version");
  out.name = text("server_name");
  out.jetstream = flag("jetstream");
  out.asks_who = flag("auth_required");
  out.tls = flag("tls_required");
  return out;
}

greeting greet_one(const std::string& server, clock::time_point until) {
  greeting out{.server = server};
  const auto colon = server.rfind(':');
  auto host = server.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), server.c_str() + colon + 1, &wanted, &list); error != 0) {
    out.trouble = ::gai_strerror(error);
    return out;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, ::freeaddrinfo);
  for (const auto* at = list; at != nullptr; at = at->ai_next) {
    out.trouble.clear();
    out.silent = false;
    const auto line = first_line(*at, until, out);
    if (out.trouble.empty()) return read_greeting(std::move(out), line);
  }
  return out;
}

}  // namespace

std::vector<std::string> servers_of(std::string_view url) {
  constexpr std::string_view scheme = "nats://";
  if (!url.starts_with(scheme)) return {};
  url.remove_prefix(scheme.size());
  url = url.substr(0, url.find_first_of("/?"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  std::vector<std::string> out;
  while (!url.empty()) {
    std::string one(url.substr(0, url.find(',')));
    url.remove_prefix(std::min(one.size() + 1, url.size()));
    const auto colon = one.rfind(':');
    if (colon == std::string::npos || one.ends_with(']')) one += ":4222";
    out.push_back(std::move(one));
  }
  return out;
}

// Names are looked up with a call that nobody can end: whoever it keeps is left behind with its own copy of everything.
std::vector<greeting> greet(const std::vector<std::string>& servers, std::chrono::milliseconds limit) {
  const auto until = clock::now() + limit;
  std::vector<std::future<greeting>> asked;
  for (const auto& server : servers) {
    auto told = std::make_shared<std::promise<greeting>>();
    asked.push_back(told->get_future());
    std::thread([told, server, until] { told->set_value(greet_one(server, until)); }).detach();
  }
  std::vector<greeting> out;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const bool done =
        asked[i].wait_until(until + std::chrono::milliseconds(100)) == std::future_status::ready;
    out.push_back(done
                      ? asked[i].get()
                      : greeting{.server = servers[i], .trouble = "its name could not be looked up in time"});
  }
  return out;
}

}  // namespace quipu::tool
