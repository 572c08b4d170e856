#include "jetstream/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace quipu::journal::jetstream {
namespace {

std::unexpected<failure> invalid(std::string text) { return fail(error_code::url_invalid, std::move(text)); }

constexpr std::string_view form = "write nats://HOST:PORT/NAME, or several servers as HOST:PORT,HOST:PORT";

bool valid_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, fits);
}

bool valid_port(std::string_view text) {
  unsigned port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port >= 1 && port <= 65535;
}

bool valid_host(std::string_view text) {
  const bool is_ipv6 = text.starts_with('[') && text.ends_with(']');
  if (is_ipv6) text = text.substr(1, text.size() - 2);
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           (is_ipv6 ? c == ':' || c == '%' : c == '_' || c == '-');
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

/// HOST, HOST:PORT, [IPV6] or [IPV6]:PORT, as nats://HOST:PORT; empty when it is neither.
std::string server_url(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!valid_host(text.substr(0, colon))) return {};
  if (colon == std::string_view::npos) return "nats://" + std::string(text) + ":4222";
  if (!valid_port(text.substr(colon + 1))) return {};
  return "nats://" + std::string(text);
}

/// The text with each %HH as the byte that it stands for. The text is a secret: errors do not repeat it.
result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() != '%') {
      out += text.front();
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(1, 2);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || digits.size() != 2 || stop != digits.data() + 2 || value == 0)
      return invalid(
          "before the @ of the URL there is a % that is not followed by two hexadecimal digits (01 to FF): "
          "write a "
          "percent sign as %25, an @ as %40, a slash as %2F, a colon as %3A, a question mark as %3F.");
    out += static_cast<char>(value);
    text.remove_prefix(2);
  }
  return out;
}

/// USER:PASSWORD@ or TOKEN@ in front of the servers, percent-encoded where it has to be. It ends at the last @, whatever
/// is in it: nothing behind it may have one, and half a password must never be taken for a name that an error repeats.
/// Gives what follows it.
result<std::string_view> take_user_info(std::string_view place, server_login& who) {
  const auto at = place.rfind('@');
  if (at == std::string_view::npos) return place;
  const auto info = place.substr(0, at);
  const auto colon = info.find(':');
  const auto take = [](std::string& into, std::string_view text) -> result<void> {
    auto decoded = percent_decoded(text);
    if (!decoded) return std::unexpected(std::move(decoded.error()));
    if (into.empty()) into = std::move(*decoded);
    return {};
  };
  const bool is_token = colon == std::string_view::npos;
  auto taken = take(is_token ? who.token : who.user, info.substr(0, colon));
  if (taken && !is_token) taken = take(who.password, info.substr(colon + 1));
  if (!taken) return std::unexpected(std::move(taken.error()));
  return place.substr(at + 1);
}

result<void> take_option(settings& out, std::string_view name, std::string_view value) {
  const auto yes = [&](bool& into, std::string_view word, std::string_view meaning) -> result<void> {
    if (value != word)
      return invalid(std::string(name) + "=" + std::string(value) + " is unknown: write " +
                     std::string(name) + "=" + std::string(word) + " (" + std::string(meaning) +
                     ") or leave it out.");
    into = true;
    return {};
  };
  const auto path = [&](std::filesystem::path& into) -> result<void> {
    if (into.empty()) into = value;
    return {};
  };
  if (name == "tls") return yes(out.tls, "yes", "the connection must be encrypted");
  if (name == "storage") return yes(out.memory_storage, "memory", "the journal ends with the server");
  if (name == "deletes") return yes(out.allows_deletes, "allowed", "records may be deleted by an operator");
  if (name == "ca") return path(out.login.ca);
  if (name == "cert") return path(out.login.certificate);
  if (name == "key") return path(out.login.key);
  if (name == "creds") return path(out.login.credentials);
  if (name == "nkey_seed") return path(out.login.nkey_seed);
  if (name == "nkey") {
    if (out.login.nkey.empty()) out.login.nkey = value;
    return {};
  }
  if (name == "monitor") {
    if (server_url(value).empty())
      return invalid("monitor=" + std::string(value) + " is no HOST:PORT of a server's monitoring.");
    out.monitor = value;
    return {};
  }
  if (name == "window") {
    unsigned seconds = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error != std::errc() || stop != value.data() + value.size() || seconds == 0 || seconds > 3600)
      return invalid("window=" + std::string(value) + " is no number of seconds from 1 to 3600.");
    out.duplicate_window = std::chrono::seconds(seconds);
    return {};
  }
  return invalid(
      "nats:// has no option \"" + std::string(name) +
      "\": it knows tls, ca, cert, key, creds, nkey, nkey_seed, monitor, storage, deletes and window.");
}

void from_environment(server_login& who) {
  const auto fill = [](auto& into, const char* variable) {
    const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
    if (into.empty() && value != nullptr) into = value;
  };
  const bool proves =
      !who.token.empty() || !who.user.empty() || !who.nkey_seed.empty() || !who.credentials.empty();
  if (!proves) {  // one way at a time: what the program or the URL says is not mixed with the environment's
    fill(who.user, "QUIPU_NATS_USER");
    fill(who.token, "QUIPU_NATS_TOKEN");
    fill(who.nkey_seed, "QUIPU_NATS_NKEY_SEED");
    fill(who.credentials, "QUIPU_NATS_CREDS");
  }
  if (!who.user.empty()) fill(who.password, "QUIPU_NATS_PASSWORD");
  if (!who.nkey_seed.empty()) fill(who.nkey, "QUIPU_NATS_NKEY");
  fill(who.ca, "QUIPU_NATS_CA");
  fill(who.certificate, "QUIPU_NATS_CERT");
  fill(who.key, "QUIPU_NATS_KEY");
}

result<void> check_login(const server_login& who) {
  const auto ways = int{!who.user.empty()} + int{!who.token.empty()} + int{!who.nkey_seed.empty()} +
                    int{!who.credentials.empty()};
  if (ways > 1)
    return fail(
        error_code::login_invalid,
        "more than one way to log in is given: keep one of user and password, token, nkey and credentials.");
  if (who.nkey.empty() != who.nkey_seed.empty())
    return fail(
        error_code::login_invalid,
        "an NKEY is two things: the public key (nkey=U…) and the file with its seed (nkey_seed=FILE).");
  if (who.certificate.empty() != who.key.empty())
    return fail(error_code::login_invalid,
                "a client certificate needs its key, and a key its certificate: give cert and key.");
  const std::pair<const std::filesystem::path*, std::string_view> files[] = {
      {&who.nkey_seed, "nkey_seed"},
      {&who.credentials, "credentials"},
      {&who.ca, "ca"},
      {&who.certificate, "cert"},
      {&who.key, "key"}};
  for (const auto& [file, what] : files) {
    std::error_code ignored;
    if (!file->empty() && !std::filesystem::exists(*file, ignored))
      return fail(error_code::login_invalid,
                  "the " + std::string(what) + " file " + file->string() + " does not exist.");
  }
  return {};
}

}  // namespace

std::string settings::place() const {
  std::string all;
  for (const auto& server : servers) {
    if (!all.empty()) all += ",";
    all += std::string_view(server).substr(std::string_view("nats://").size());
  }
  return "nats://" + all + "/" + name;
}

result<settings> settings_of(std::string_view place,
                             const std::vector<std::pair<std::string_view, std::string_view>>& options,
                             const server_login& given) {
  settings out;
  out.login = given;
  if (!place.starts_with("//")) return invalid("a nats: URL begins with nats://: " + std::string(form) + ".");
  const auto servers = take_user_info(place.substr(2), out.login);
  if (!servers) return std::unexpected(servers.error());
  place = *servers;
  const auto slash = place.find('/');
  if (slash == std::string_view::npos || slash + 1 == place.size())
    return invalid("the URL names no journal: " + std::string(form) + ".");
  out.name = place.substr(slash + 1);
  if (!valid_name(out.name))
    return invalid("\"" + out.name + "\" can't be a journal's name on NATS: 1 to 64 of A-Z a-z 0-9 _ and -.");
  auto authority = place.substr(0, slash);
  for (;;) {
    const auto comma = authority.find(',');
    auto server = server_url(authority.substr(0, comma));
    if (server.empty()) return invalid("the URL has an ill-formed server: " + std::string(form) + ".");
    out.servers.push_back(std::move(server));
    if (comma == std::string_view::npos) break;
    authority.remove_prefix(comma + 1);
  }
  for (const auto& [name, value] : options)
    if (auto taken = take_option(out, name, value); !taken) return std::unexpected(std::move(taken.error()));
  from_environment(out.login);
  if (auto sound = check_login(out.login); !sound) return std::unexpected(std::move(sound.error()));
  out.tls = out.tls || !out.login.ca.empty() || !out.login.certificate.empty();
  return out;
}

}  // namespace quipu::journal::jetstream
