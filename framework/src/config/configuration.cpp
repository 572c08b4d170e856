#include <quipu/configuration.hpp>

#include "config/json_file.hpp"
#include "config/key_table.hpp"
#include "config/value_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace quipu {
namespace {

std::unexpected<error> wrong(std::string text) {
  return std::unexpected(error(error_code::runtime_option, std::move(text)));
}

/// Options on their way through the sources, and who said each of them last.
class configuring {
 public:
  explicit configuring(options from_code) : options_(std::move(from_code)) {
    options standard;
    for (const auto& one : config::all_keys())
      sources_.emplace_back(config::get(one, options_) == config::get(one, standard) ? "default" : "code");
  }

  result<void> read_file(const std::filesystem::path& file) {
    const auto found = config::read_json_file(file);
    if (!found) return wrong(found.error());
    const auto place = file.string();
    said_.clear();
    for (const auto& one : *found) {
      const auto* what = config::find_key(one.name);
      if (what == nullptr) {
        const auto* like = config::nearest_key(one.name);
        return wrong(place + ": " + config::in_quotes(one.name) + " is no key: " +
                     (like == nullptr ? "all keys are in docs/configuration.md and in `quipu config keys`"
                                      : "did you mean \"" + std::string(like->name) + "\"?"));
      }
      auto why = said_.contains(what) ? "stands twice, nested and with dots" : wrong_type(*what, one.type);
      if (why.empty()) why = config::set(*what, options_, one.text);
      if (!why.empty())
        return wrong(place + ": " + std::string(what->name) + ": " +
                     not_taken(*what, one.text, one.type == config::json_type::text, why));
      took(*what, place);
    }
    put_aside_other_logins();
    return {};
  }

  result<void> read_environment() {
    said_.clear();
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
      const std::string_view entry(*at);
      const auto name = entry.substr(0, entry.find('='));
      if (!name.starts_with("QUIPU_") || name.size() == entry.size()) continue;
      const auto text = entry.substr(name.size() + 1);
      const auto* what = config::find_variable(name);
      if (what == nullptr) {
        if (const auto* like = config::nearest_variable(name))
          return wrong("the environment's " + std::string(name) + " is no key: did you mean " +
                       std::string(like->variable) + "?");
        continue;
      }
      if (text.empty()) continue;
      if (const auto why = config::set(*what, options_, text); !why.empty())
        return wrong("the environment's " + std::string(name) + " (" + std::string(what->name) +
                     "): " + not_taken(*what, text, true, why));
      took(*what, std::string(name));
    }
    put_aside_other_logins();
    return {};
  }

  const options& made() const { return options_; }
  std::vector<configured_value> values() {
    std::vector<configured_value> all;
    for (const auto& one : config::all_keys())
      all.push_back({std::string(one.name), config::show(one, options_), sources_[index_of(one)]});
    return all;
  }

 private:
  static std::size_t index_of(const config::key& what) {
    return static_cast<std::size_t>(&what - config::all_keys().data());
  }

  void took(const config::key& what, std::string source) {
    said_.insert(&what);
    sources_[index_of(what)] = std::move(source);
  }

  static std::string wrong_type(const config::key& what, config::json_type type) {
    using config::form;
    const auto expected = what.form == form::flag    ? config::json_type::boolean
                          : what.form == form::count ? config::json_type::number
                                                     : config::json_type::text;
    if (type == expected) return {};
    const bool needs_unit = what.form == form::size || what.form == form::duration;
    return type == config::json_type::number && needs_unit ? "has no unit" : "is of the wrong type";
  }

  static std::string not_taken(const config::key& what, std::string_view text, bool is_text,
                               const std::string& why) {
    const auto shown = what.shown != config::shown::yes ? "its value"
                       : is_text                        ? config::in_quotes(text)
                                                        : std::string(text);
    return shown + " " + why + ": " + config::advice(what);
  }

  // A login is one way of proving who one is: the source that names one puts aside what was said before of the others.
  void put_aside_other_logins() {
    constexpr std::pair<std::string_view, std::string_view> ways[] = {{"login.user", "login.password"},
                                                                      {"login.token", ""},
                                                                      {"login.nkey_seed", "login.nkey"},
                                                                      {"login.credentials", ""}};
    const auto says = [&](std::string_view name) { return said_.contains(config::find_key(name)); };
    if (std::ranges::none_of(ways, [&](const auto& way) { return says(way.first); })) return;
    for (const auto& way : ways) {
      if (says(way.first)) continue;
      for (const auto name : {way.first, way.second}) {
        const auto* what = config::find_key(name);
        if (what == nullptr || says(name)) continue;
        config::set(*what, options_, "");
        sources_[index_of(*what)] = "default";
      }
    }
  }

  options options_;
  std::vector<std::string> sources_;   // by the table's rows
  std::set<const config::key*> said_;  // by the source that is being read
};

result<configuring> read(options from_code, const configuration_sources& from) {
  configuring made(std::move(from_code));
  if (!from.file.empty())
    if (auto read = made.read_file(from.file); !read) return std::unexpected(std::move(read.error()));
  if (from.environment)
    if (auto read = made.read_environment(); !read) return std::unexpected(std::move(read.error()));
  if (auto why = config::out_of_range(made.made()); !why.empty()) return wrong(std::move(why));
  return made;
}

}  // namespace

result<options> configured(options from_code, const configuration_sources& from) {
  auto made = read(std::move(from_code), from);
  if (!made) return std::unexpected(std::move(made.error()));
  return made->made();
}

result<std::vector<configured_value>> effective_configuration(const options& from_code,
                                                              const configuration_sources& from) {
  auto made = read(from_code, from);
  if (!made) return std::unexpected(std::move(made.error()));
  return made->values();
}

std::vector<configuration_key> configuration_keys() {
  options standard;
  std::vector<configuration_key> all;
  for (const auto& one : config::all_keys())
    all.push_back({std::string(one.name), config::type_text(one), config::get(one, standard),
                   std::string(one.variable), std::string(one.reason), one.shown == config::shown::never});
  return all;
}

}  // namespace quipu
