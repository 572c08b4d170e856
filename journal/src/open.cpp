#include <quipu/journal/open.hpp>

#include <unistd.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "format/new_identity.hpp"
#include "jetstream/jetstream_journal.hpp"
#include "jetstream/settings.hpp"
#include "lmdb/lmdb_journal.hpp"
#include "memory/memory_journal.hpp"

namespace quipu::journal {
namespace {

std::unexpected<failure> invalid(std::string text) { return fail(error_code::url_invalid, std::move(text)); }

enum class scheme : std::uint8_t { lmdb, memory, nats };

/// A URL taken apart. The views are of the caller's URL.
struct location {
  scheme kind = scheme::lmdb;
  std::string_view place;
  std::vector<std::pair<std::string_view, std::string_view>> options;
};

result<location> parse(std::string_view url) {
  auto colon = url.find(':');
  auto name = url.substr(0, colon);
  location out;
  if (colon == std::string_view::npos || (name != "lmdb" && name != "memory" && name != "nats")) {
    return invalid("\"" + without_secrets(url) +
                   "\" is no journal: write lmdb: or lmdb:PATH, nats://HOST:PORT/NAME, or memory:.");
  }
  out.kind = name == "lmdb" ? scheme::lmdb : name == "memory" ? scheme::memory : scheme::nats;
  auto rest = url.substr(colon + 1);
  auto question = rest.find('?');
  out.place = rest.substr(0, question);
  if (question == std::string_view::npos) return out;
  auto query = rest.substr(question + 1);
  while (!query.empty()) {
    auto option = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(option.size() + 1, query.size()));
    auto equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      // Of a nats: URL it may be the end of a password that holds a question mark: it is not repeated.
      return invalid((out.kind == scheme::nats ? "an option" : "\"" + std::string(option) + "\"") + " in \"" +
                     without_secrets(url) + "\" is no option: write name=value.");
    }
    out.options.emplace_back(option.substr(0, equals), option.substr(equals + 1));
  }
  return out;
}

/// 4096, 64MiB, 1GiB …; nothing for anything else, zero and what 64 bits cannot hold included.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number == 0) return std::nullopt;
  std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  unsigned shift = 0;
  if (unit == "KiB") {
    shift = 10;
  } else if (unit == "MiB") {
    shift = 20;
  } else if (unit == "GiB") {
    shift = 30;
  } else if (unit == "TiB") {
    shift = 40;
  } else if (!unit.empty()) {
    return std::nullopt;
  }
  if (number > (UINT64_MAX >> shift)) return std::nullopt;
  return number << shift;
}

result<lmdb::settings> lmdb_settings(const location& at, const std::filesystem::path& node_directory) {
  lmdb::settings out;
  if (!at.place.empty()) {
    out.path = at.place;
  } else if (!node_directory.empty()) {
    out.path = node_directory / "journal";
  } else {
    return invalid("lmdb: without a path means the node's directory, and none is given: write lmdb:PATH.");
  }
  for (auto [name, value] : at.options) {
    if (name == "sync") {
      if (value != "always" && value != "none") {
        return invalid(
            "sync=" + std::string(value) + " is unknown: write sync=always (the default: every " +
            "acknowledged record is on the disk) or sync=none (a power cut may undo the last ones).");
      }
      out.sync = value == "always";
    } else if (name == "map_size" || name == "max_map_size") {
      auto size = parse_size(value);
      if (!size) {
        return invalid(std::string(name) + "=" + std::string(value) +
                       " is no size: write bytes, or a number with KiB, MiB, GiB or TiB, for example 1GiB.");
      }
      (name == "map_size" ? out.map_size : out.max_map_size) = *size;
    } else {
      return invalid("lmdb: has no option \"" + std::string(name) +
                     "\": it knows sync, map_size and max_map_size.");
    }
  }
  return out;
}

/// Opening for reading makes nothing. Who names a runtime's directory means the journal in it.
result<std::unique_ptr<journal>> open_lmdb(const lmdb::settings& settings, access mode) {
  auto opened = lmdb::open(settings, mode);
  if (opened || mode != access::read || opened.error().code != error_code::storage_not_found) return opened;
  std::error_code ignored;
  if (const auto inside = settings.path / "journal"; std::filesystem::exists(inside / "data.mdb", ignored))
    opened.error().text += "; there is something in lmdb:" + inside.string();
  return opened;
}

result<void> check_memory(const location& at) {
  if (!at.place.empty()) return invalid("memory: takes no path: each one that is opened is a new one.");
  if (!at.options.empty()) {
    return invalid("memory: has no option \"" + std::string(at.options.front().first) + "\": it knows none.");
  }
  return {};
}

result<std::unique_ptr<journal>> open_memory(const location& at, const creation& how, access mode) {
  if (auto checked = check_memory(at); !checked) return std::unexpected(std::move(checked.error()));
  if (mode == access::read) {
    return fail(error_code::journal_not_found,
                "memory: journals begin empty with each opening: there is nothing to read.");
  }
  return std::make_unique<memory::memory_journal>(memory::options{.how = how, .about = std::nullopt});
}

std::string host_and_pid() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(host.data()) + " pid " + std::to_string(::getpid());
}

result<std::unique_ptr<journal>> open_jetstream(const location& at, opening how) {
  auto settings = jetstream::settings_of(at.place, at.options, how.login);
  if (!settings) return std::unexpected(std::move(settings.error()));
  if (how.owner.empty()) how.owner = host_and_pid();
  return jetstream::open(*settings, how);
}

}  // namespace

// What is secret ends at an @, and nobody knows at which: in a password that was not escaped there may be an @, a slash
// and a question mark. Rather an option that has one is hidden with it than half a password shown.
std::string without_secrets(std::string_view url) {
  const auto begin = url.find("//");
  const auto at = url.rfind('@');
  if (!url.starts_with("nats:") || begin == std::string_view::npos || at == std::string_view::npos)
    return std::string(url);
  return std::string(url.substr(0, begin + 2)) + "…@" + std::string(url.substr(at + 1));
}

result<void> create(std::string_view url, const creation& how, const opening& where) {
  auto at = parse(url);
  if (!at) return std::unexpected(std::move(at.error()));
  if (auto checked = check_creation(how); !checked) return checked;
  switch (at->kind) {
    case scheme::memory:
      if (auto checked = check_memory(*at); !checked) return checked;
      return invalid("memory: journals live only while they are open: use open_or_create.");
    case scheme::nats: {
      auto settings = jetstream::settings_of(at->place, at->options, where.login);
      if (!settings) return std::unexpected(std::move(settings.error()));
      return jetstream::create(*settings, how);
    }
    case scheme::lmdb:
      break;
  }
  if (how.replicas != 1) return invalid("lmdb: keeps one copy: replicas are for nats:// journals.");
  auto settings = lmdb_settings(*at, where.node_directory);
  if (!settings) return std::unexpected(std::move(settings.error()));
  return lmdb::create(*settings, how);
}

result<std::unique_ptr<journal>> open(std::string_view url, const opening& how) {
  auto at = parse(url);
  if (!at) return std::unexpected(std::move(at.error()));
  switch (at->kind) {
    case scheme::memory:
      return open_memory(*at, creation{}, how.mode);
    case scheme::nats:
      return open_jetstream(*at, how);
    case scheme::lmdb:
      break;
  }
  auto settings = lmdb_settings(*at, how.node_directory);
  if (!settings) return std::unexpected(std::move(settings.error()));
  return open_lmdb(*settings, how.mode);
}

result<std::unique_ptr<journal>> open_or_create(std::string_view url, const creation& if_missing,
                                                const opening& how) {
  if (auto checked = check_creation(if_missing); !checked) return std::unexpected(std::move(checked.error()));
  if (auto at = parse(url); at && at->kind == scheme::memory) return open_memory(*at, if_missing, how.mode);
  auto opened = open(url, how);
  if (opened || opened.error().kind != failure_kind::not_found || how.mode == access::read) return opened;
  // Another process may be creating it at this moment: then there is one, and that is as good.
  auto created = create(url, if_missing, how);
  if (!created && created.error().kind != failure_kind::exists)
    return std::unexpected(std::move(created.error()));
  return open(url, how);
}

}  // namespace quipu::journal
