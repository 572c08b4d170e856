#include "config/json_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

namespace quipu::config {
namespace {

using json = nlohmann::ordered_json;

constexpr int deepest = 8;  // groups; more than any key has

std::expected<std::string, std::string> content_of(const std::filesystem::path& file) {
  const auto cannot = [&](int why) {
    return std::unexpected(file.string() +
                           " cannot be read: " + std::strerror(why) +  // NOLINT(concurrency-mt-unsafe)
                           ": give the path of a JSON file");
  };
  if (std::error_code ignored; std::filesystem::is_directory(file, ignored)) return cannot(EISDIR);
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return cannot(errno);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return cannot(EIO);
  return text;
}

/// "3:17", both from 1 on.
std::string line_and_column(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, byte == 0 ? 0 : std::min(byte - 1, text.size()));
  const auto line_begins = before.rfind('\n') + 1;  // none: npos + 1 is 0
  return std::to_string(std::ranges::count(before, '\n') + 1) + ":" +
         std::to_string(before.size() - line_begins + 1);
}

/// What the parser expected, without what it read: that may be a password.
std::string without_content(std::string_view what) {
  const auto begin = what.find(" - ");
  if (begin == std::string_view::npos) return "syntax error";
  what.remove_prefix(begin + 3);
  return std::string(what.substr(0, what.find("; last read")));
}

/// Sees the names as they are parsed: of two that are equal, JSON's reader would keep one and say nothing.
class repeated_names {
 public:
  bool operator()(int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) seen_.emplace_back();
    if (event == json::parse_event_t::object_end) seen_.pop_back();
    if (event == json::parse_event_t::key) {
      const auto name = parsed.get<std::string>();
      if (!seen_.back().insert(name).second && first_.empty()) first_ = name;
    }
    return true;
  }
  const std::string& first() const { return first_; }

 private:
  std::vector<std::set<std::string>> seen_;
  std::string first_;
};

json_value value_of(std::string name, const json& value) {
  if (value.is_string()) return {std::move(name), json_type::text, value.get<std::string>()};
  if (value.is_boolean()) return {std::move(name), json_type::boolean, value.dump()};
  if (value.is_number()) return {std::move(name), json_type::number, value.dump()};
  return {std::move(name), json_type::other,
          value.is_null()     ? "null"
          : value.is_object() ? "an empty object"
                              : "a list"};
}

void flatten(const json& object, const std::string& path, int depth, std::vector<json_value>& into) {
  for (const auto& [name, value] : object.items()) {
    auto full = path;
    if (!full.empty()) full += '.';
    full += name;
    if (value.is_object() && !value.empty() && depth < deepest)
      flatten(value, full, depth + 1, into);
    else
      into.push_back(value_of(std::move(full), value));
  }
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::expected<std::vector<json_value>, std::string> read_json_file(const std::filesystem::path& file) {
  const auto text = content_of(file);
  if (!text) return std::unexpected(text.error());
  if (text->empty())  // libraries of several ages have several words for it
    return std::unexpected(file.string() + ":1:1: this is no JSON: unexpected end of input");
  json whole;
  repeated_names repeated;
  try {
    whole = json::parse(*text, std::ref(repeated));
  } catch (const json::parse_error& wrong) {
    return std::unexpected(file.string() + ":" + line_and_column(*text, wrong.byte) +
                           ": this is no JSON: " + without_content(wrong.what()));
  } catch (const json::exception& wrong) {  // a number that is too large
    return std::unexpected(file.string() + ": this cannot be read: " + without_content(wrong.what()));
  }
  if (!whole.is_object())
    return std::unexpected(file.string() + R"(: write an object, such as {"partitions": 16})");
  if (!repeated.first().empty())
    return std::unexpected(file.string() + ": " + in_quotes(repeated.first()) +
                           " stands twice in one object: keep one of them");
  std::vector<json_value> found;
  flatten(whole, {}, 1, found);
  return found;
}

}  // namespace quipu::config
