#include "nats_wire.hpp"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <vector>

namespace quipu::test {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    auto end = line.find(' ');
    if (end != 0) words.push_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  return words;
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// No other connection's, of this process or another.
std::string new_inbox() {
  static std::atomic<std::uint64_t> made = 0;
  return "_INBOX.wire." + std::to_string(::getpid()) + "." + std::to_string(++made) + ".";
}

}  // namespace

std::optional<nats_wire> nats_wire::connect(std::uint16_t port, const time_limit& until) {
  auto connection = loopback_connection::open(port, until);
  if (!connection || !connection->read_line(until)) return std::nullopt;  // its INFO
  auto inbox = new_inbox();
  const std::string hello =
      "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true,"
      "\"lang\":\"test\",\"version\":\"0\",\"protocol\":1}\r\nSUB " +
      inbox + "* 1\r\n";
  if (!connection->write(hello, until)) return std::nullopt;
  return nats_wire(std::move(*connection), std::move(inbox));
}

std::optional<std::string> nats_wire::request(std::string_view subject, std::string_view body,
                                              const time_limit& until) {
  const auto inbox = inbox_ + std::to_string(++requests_);
  auto text = "PUB " + std::string(subject) + " " + inbox + " " + std::to_string(body.size()) + "\r\n";
  text.append(body).append("\r\n");
  if (!connection_.write(text, until)) return std::nullopt;
  return next_message(inbox, until);
}

/// Answers the server's PINGs and passes over messages for requests that were given up.
std::optional<std::string> nats_wire::next_message(std::string_view subject, const time_limit& until) {
  while (auto line = connection_.read_line(until)) {
    auto words = words_of(*line);
    if (words.empty()) continue;
    if (words[0] == "PING" && !connection_.write("PONG\r\n", until)) return std::nullopt;
    // MSG subject id [reply] bytes; HMSG subject id [reply] bytes-of-headers bytes-of-all
    const bool with_headers = words[0] == "HMSG";
    if (words[0] != "MSG" && !with_headers) continue;
    auto size = number(words.back());
    auto head = with_headers ? number(words[words.size() - 2]) : std::size_t{0};
    if (!size || !head || *head > *size) return std::nullopt;
    auto body = connection_.read_exactly(*size + 2, until);
    if (!body) return std::nullopt;
    if (words[1] != subject) continue;
    if (with_headers && body->starts_with("NATS/1.0 503")) return std::nullopt;
    return body->substr(*head, *size - *head);
  }
  return std::nullopt;
}

std::optional<std::string> nats_request(std::uint16_t port, std::string_view subject, std::string_view body,
                                        std::chrono::milliseconds limit) {
  const time_limit until(limit);
  auto wire = nats_wire::connect(port, until);
  if (!wire) return std::nullopt;
  return wire->request(subject, body, until);
}

}  // namespace quipu::test
