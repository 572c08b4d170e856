#include "jetstream/link.hpp"

#include "jetstream/connect_watch.hpp"

#include <nats/nats.h>
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <utility>

namespace quipu::journal::jetstream {
namespace {

template <auto destroy>
struct by {
  template <class T>
  void operator()(T* what) const {
    destroy(what);
  }
};
using message_ptr = std::unique_ptr<natsMsg, by<natsMsg_Destroy>>;
using options_ptr = std::unique_ptr<natsOptions, by<natsOptions_Destroy>>;
using connection_ptr = std::unique_ptr<natsConnection, by<natsConnection_Destroy>>;

std::string_view header_of(natsMsg* message, const char* name) {
  const char* value = nullptr;
  return natsMsgHeader_Get(message, name, &value) == NATS_OK && value != nullptr ? value : std::string_view();
}

incoming view_of(natsMsg* message) {
  incoming out;
  if (const auto* subject = natsMsg_GetSubject(message); subject != nullptr) out.subject = subject;
  if (const auto* reply = natsMsg_GetReply(message); reply != nullptr) out.reply = reply;
  const auto size = static_cast<std::size_t>(natsMsg_GetDataLength(message));
  out.data = {reinterpret_cast<const std::uint8_t*>(natsMsg_GetData(message)), size};
  if (size == 0) {  // only then it may be a status: nobody pays for header parsing otherwise
    out.status = header_of(message, "Status");
    out.status_text = header_of(message, "Description");
  }
  return out;
}

/// A subscription's closure: it ends when the library says that the last handler has run.
struct listener {
  link::subscription what;
  natsSubscription* subscribed = nullptr;
  std::mutex guard;
  std::condition_variable changed;
  bool complete = false;

  void finish() {
    const std::scoped_lock lock(guard);
    complete = true;
    changed.notify_all();
  }
  void await_end() {
    std::unique_lock lock(guard);
    changed.wait(lock, [this] { return complete; });
  }
};

void on_message(natsConnection* /*of*/, natsSubscription* /*on*/, natsMsg* message, void* closure) {
  const message_ptr owned(message);
  static_cast<listener*>(closure)->what.handler(view_of(message));
}

/// cnats 3.8: its connecting ends at its deadline (connect_watch.hpp).
constexpr std::uint32_t first_that_gives_up = 0x030800;

std::vector<std::uint16_t> ports_of(const settings& to) {
  std::vector<std::uint16_t> ports;
  for (const auto& server : to.servers)
    ports.push_back(
        static_cast<std::uint16_t>(std::strtoul(server.c_str() + server.rfind(':') + 1, nullptr, 10)));
  return ports;
}

void on_complete(void* closure) { static_cast<listener*>(closure)->finish(); }

/// cnats leaves a signature out when its first byte is 0 (_base64Encode() takes it for an empty text; seen in 3.4.1), so that one
/// login of 256 with a key is refused without a reason. The server has another text signed every time.
constexpr int logins_with_a_key = 3;

constexpr auto what_to_check =
    "check user and password, token, nkey or credentials, and for TLS the CA and the client's certificate";

/// The library's words, without the place in its source that it puts before them: "(conn.c:1905): ".
std::string words_of(natsStatus status) {
  const char* detail = nats_GetLastError(nullptr);
  std::string_view text = detail != nullptr && *detail != '\0' ? detail : natsStatus_GetText(status);
  if (const auto end = text.find(".c:"); text.starts_with('(') && end != std::string_view::npos)
    if (const auto colon = text.find("): ", end); colon != std::string_view::npos)
      text.remove_prefix(colon + 3);
  return std::string(text);
}

/// What was given can't even be sent: a file that is none, a key that fits no certificate.
failure unusable(natsStatus status, const settings& to) {
  return {error_code::server_login,
          to.place() + ": the login can't be used (" + words_of(status) + "): " + what_to_check + "."};
}

failure describe(natsStatus status, const settings& to) {
  const auto text = words_of(status);
  const bool refused = status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED ||
                       status == NATS_SSL_ERROR || status == NATS_SECURE_CONNECTION_REQUIRED ||
                       status == NATS_SECURE_CONNECTION_WANTED;
  if (refused)
    return {error_code::server_login,
            to.place() + ": the server refused the connection (" + text + "): " + what_to_check + "."};
  if (status == NATS_NO_SERVER || status == NATS_TIMEOUT)
    return {error_code::server_unreachable,
            to.place() + ": no server could be reached (" + text +
                "): check that nats-server runs there and listens on that port."};
  // It may be going down, or it closes the door without a word: some do when they miss a client's certificate.
  return {error_code::server_connection, to.place() +
                                             ": the connection to the server ended before it was ready (" +
                                             text + "): if that stays so, " + what_to_check + "."};
}

/// No version of the library escapes what it writes into its JSON (seen up to 3.13).
std::string for_connect(const std::string& secret) {
  const auto quoted = nlohmann::json(secret).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

natsStatus log_in(natsOptions* how, const settings& to) {
  const auto& who = to.login;
  const auto name = [](const std::filesystem::path& file) { return file.c_str(); };
  natsStatus s = NATS_OK;
  if (!who.user.empty())
    s = natsOptions_SetUserInfo(how, for_connect(who.user).c_str(), for_connect(who.password).c_str());
  if (s == NATS_OK && !who.token.empty()) s = natsOptions_SetToken(how, for_connect(who.token).c_str());
  if (s == NATS_OK && !who.nkey_seed.empty())
    s = natsOptions_SetNKeyFromSeed(how, who.nkey.c_str(), name(who.nkey_seed));
  if (s == NATS_OK && !who.credentials.empty())
    s = natsOptions_SetUserCredentialsFromFiles(how, name(who.credentials), nullptr);
  if (s == NATS_OK && to.tls) s = natsOptions_SetSecure(how, true);
  if (s == NATS_OK && !who.ca.empty()) s = natsOptions_LoadCATrustedCertificates(how, name(who.ca));
  if (s == NATS_OK && !who.certificate.empty())
    s = natsOptions_LoadCertificatesChain(how, name(who.certificate), name(who.key));
  return s;
}

}  // namespace

struct link::state {
  std::function<void()> lost;
  std::mutex guard;
  std::condition_variable changed;
  bool closed = false;
  bool wanted = true;  ///< nobody is told of an end that the destructor brings about
  connection_ptr connection;
  std::vector<std::unique_ptr<listener>> listeners;

  /// The library calls it once for a connection that was made; the closure keeps the state alive until then.
  static void on_closed(natsConnection* /*of*/, void* closure) {
    const std::unique_ptr<std::shared_ptr<state>> owned(static_cast<std::shared_ptr<state>*>(closure));
    auto& self = **owned;
    std::function<void()> tell;
    {
      const std::scoped_lock lock(self.guard);
      if (self.wanted) tell = self.lost;
    }
    if (tell) tell();
    const std::scoped_lock lock(self.guard);
    self.closed = true;
    self.changed.notify_all();
  }

  natsStatus prepare(natsOptions* how, const settings& to, std::shared_ptr<state>* closure) {
    std::vector<const char*> servers;
    servers.reserve(to.servers.size());
    for (const auto& server : to.servers) servers.push_back(server.c_str());
    natsStatus s = natsOptions_SetServers(how, servers.data(), static_cast<int>(servers.size()));
    if (s == NATS_OK) s = natsOptions_SetName(how, "quipu");
    if (s == NATS_OK) s = natsOptions_SetTimeout(how, patience::connecting.count());
    if (s == NATS_OK) s = natsOptions_SetAllowReconnect(how, false);
    if (s == NATS_OK) s = natsOptions_SetReconnectBufSize(how, 0);
    if (s == NATS_OK) s = natsOptions_SetSendAsap(how, true);
    if (s == NATS_OK) s = natsOptions_SetNoEcho(how, true);
    if (s == NATS_OK) s = natsOptions_SetWriteDeadline(how, patience::writing.count());
    if (s == NATS_OK) s = natsOptions_SetPingInterval(how, patience::ping_every.count());
    if (s == NATS_OK) s = natsOptions_SetMaxPingsOut(how, 2);
    if (s == NATS_OK) s = natsOptions_SetClosedCB(how, on_closed, closure);
    // The library prints asynchronous errors where no handler is set: what they lead to is told in other ways.
    if (s == NATS_OK)
      s = natsOptions_SetErrorHandler(
          how, [](natsConnection*, natsSubscription*, natsStatus, void*) {}, nullptr);
    if (s == NATS_OK) s = log_in(how, to);
    return s;
  }

  natsStatus listen(link::subscription what) {
    auto& made = *listeners.emplace_back(std::make_unique<listener>());
    made.what = std::move(what);
    natsStatus s = natsConnection_Subscribe(&made.subscribed, connection.get(), made.what.subject.c_str(),
                                            on_message, &made);
    if (s != NATS_OK) {
      listeners.pop_back();
      return s;
    }
    // Unbounded here, for what may come is bounded by what was asked for.
    s = natsSubscription_SetPendingLimits(made.subscribed, -1, -1);
    if (s == NATS_OK) s = natsSubscription_SetOnCompleteCB(made.subscribed, on_complete, &made);
    if (s != NATS_OK) made.complete = true;
    return s;
  }

  // The order matters: no message arrives after the close, no handler runs after its listener's end.
  void end() {
    {
      const std::scoped_lock lock(guard);
      wanted = false;
    }
    if (!connection) return;
    natsConnection_Close(connection.get());
    for (auto& one : listeners) one->await_end();
    {
      std::unique_lock lock(guard);
      changed.wait(lock, [this] { return closed; });
    }
    for (auto& one : listeners) natsSubscription_Destroy(one->subscribed);
    connection.reset();
  }
};

link::link(std::shared_ptr<state> connected) : state_(std::move(connected)) {}

link::~link() { state_->end(); }

result<std::unique_ptr<link>> link::connect(const settings& to, std::vector<subscription> wanted,
                                            std::function<void()> lost) {
  natsOptions* made = nullptr;
  if (const auto s = natsOptions_Create(&made); s != NATS_OK) return std::unexpected(describe(s, to));
  const options_ptr how(made);
  auto self = std::make_shared<state>();
  self->lost = std::move(lost);
  auto closure = std::make_unique<std::shared_ptr<state>>(self);
  natsConnection* connected = nullptr;
  if (const auto s = self->prepare(how.get(), to, closure.get()); s != NATS_OK)
    return std::unexpected(unusable(s, to));
  std::optional<connect_watch> watch;
  if (nats_GetVersionNumber() < first_that_gives_up)
    watch.emplace(ports_of(to), to.servers.size() * patience::connecting + patience::grace);
  const bool signs = !to.login.nkey_seed.empty() || !to.login.credentials.empty();
  natsStatus s = NATS_CONNECTION_AUTH_FAILED;
  for (int left = signs ? logins_with_a_key : 1; s == NATS_CONNECTION_AUTH_FAILED && left > 0; --left)
    s = natsConnection_Connect(&connected, how.get());
  watch.reset();
  if (s != NATS_OK) return std::unexpected(describe(s, to));
  static_cast<void>(closure.release());  // on_closed() has it now
  self->connection.reset(connected);
  std::unique_ptr<link> out(new link(self));
  for (auto& one : wanted)
    if (s = self->listen(std::move(one)); s != NATS_OK) return std::unexpected(describe(s, to));
  if (s = natsConnection_FlushTimeout(connected, patience::answer.count()); s != NATS_OK)
    return std::unexpected(describe(s, to));
  return out;
}

sent link::publish(const std::string& subject, const std::string& reply, std::span<const header> headers,
                   bytes_view data) {
  auto* to = state_->connection.get();
  if (natsConnection_IsClosed(to)) return sent::no;
  natsMsg* made = nullptr;
  const auto* text = reinterpret_cast<const char*>(data.data());
  if (natsMsg_Create(&made, subject.c_str(), reply.empty() ? nullptr : reply.c_str(), text,
                     static_cast<int>(data.size())) != NATS_OK)
    return sent::no;
  const message_ptr message(made);
  for (const auto& one : headers)
    if (natsMsgHeader_Set(made, one.name, one.value.c_str()) != NATS_OK) return sent::no;
  switch (natsConnection_PublishMsg(to, made)) {
    case NATS_OK:
      return sent::yes;
    case NATS_INSUFFICIENT_BUFFER:
    case NATS_MAX_PAYLOAD:
    case NATS_INVALID_SUBJECT:
      return sent::no;
    default:
      return sent::perhaps;  // some of its bytes may have left
  }
}

std::size_t link::max_payload() const {
  return static_cast<std::size_t>(natsConnection_GetMaxPayload(state_->connection.get()));
}

}  // namespace quipu::journal::jetstream
