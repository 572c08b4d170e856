// What answers at the URL.
#include <array>
#include <charconv>
#include <utility>

#include "doctor/finding.hpp"

namespace quipu::tool {
namespace {

using version = std::array<int, 2>;

/// Major and minor; zeros for what is no version.
version parse_version(std::string_view text) {
  version out{};
  for (auto& part : out) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc()) return {};
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    if (text.starts_with('.')) text.remove_prefix(1);
  }
  return out;
}

finding judge(const greeting& said) {
  const auto at = " at " + said.server;
  if (said.silent)  // where it is not TLS, opening fails, and says so
    return {level::note, said.server + ": " + said.trouble, ""};
  if (!said.trouble.empty())
    return {level::care, said.server + ": " + said.trouble,
            "see that nats-server runs there; a URL may name several servers, and one is enough to open"};
  const auto who = "nats-server " + said.version + at + (said.tls ? ", TLS" : "") +
                   (said.asks_who ? ", asks for a login" : "");
  if (!said.jetstream)
    return {level::care, who + ": JetStream is not enabled", "start it with -js or a jetstream block"};
  const auto known = parse_version(said.version);
  if (known < version{2, 9})
    return {level::care, who + ": older than any that Quipu was tested with", "install 2.10 or later"};
  if (known < version{2, 10})
    return {level::note, who + ": it cannot flush before it acknowledges, nor keep replicas safely",
            "install 2.10 or later (replicas: 2.11) and set sync_interval: always: docs/jetstream.md"};
  if (!said.asks_who)
    return {level::note, who + ": whoever reaches the port may write",
            "give it users, or let nobody else reach it: docs/jetstream.md, Security"};
  return {level::ok, who, ""};
}

}  // namespace

std::vector<finding> check_server(const evidence& known) {
  std::vector<finding> out;
  for (const auto& said : known.greetings) out.push_back(judge(said));
  return out;
}

}  // namespace quipu::tool
