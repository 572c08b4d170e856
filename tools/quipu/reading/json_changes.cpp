#include "reading/json_changes.hpp"

#include <algorithm>

namespace quipu::tool {
namespace {

std::string below(const std::string& path, const std::string& name) {
  std::string out = path + "/";
  for (char c : name) {  // RFC 6901
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

void compare(const std::string& path, const json& before, const json& after, std::vector<json_change>& out) {
  if (before.is_object() && after.is_object()) {
    for (const auto& [name, value] : before.items()) {
      if (auto found = after.find(name); found != after.end())
        compare(below(path, name), value, *found, out);
      else
        out.push_back({below(path, name), value, std::nullopt});
    }
    for (const auto& [name, value] : after.items())
      if (!before.contains(name)) out.push_back({below(path, name), std::nullopt, value});
  } else if (before.is_array() && after.is_array()) {
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      const auto at = path + "/" + std::to_string(i);
      if (i >= after.size())
        out.push_back({at, before[i], std::nullopt});
      else if (i >= before.size())
        out.push_back({at, std::nullopt, after[i]});
      else
        compare(at, before[i], after[i], out);
    }
  } else if (before != after) {
    out.push_back({path, before, after});
  }
}

}  // namespace

std::vector<json_change> changes_between(const json& before, const json& after) {
  std::vector<json_change> out;
  // From or to nothing: every member of the other side.
  if (before.is_null() && after.is_object())
    compare("", json::object(), after, out);
  else if (after.is_null() && before.is_object())
    compare("", before, json::object(), out);
  else
    compare("", before, after, out);
  return out;
}

json changes_json(const std::vector<json_change>& changes) {
  auto all = json::array();
  for (const auto& change : changes) {
    json one{{"path", change.path}};
    if (change.before) one["before"] = *change.before;
    if (change.after) one["after"] = *change.after;
    all.push_back(std::move(one));
  }
  return all;
}

std::string change_text(const json_change& change) {
  auto text = printable(change.path.empty() ? "(all)" : change.path) + " ";
  if (!change.before) return text + "added " + printable(line_of(*change.after));
  if (!change.after) return text + "removed " + printable(line_of(*change.before));
  return text + printable(line_of(*change.before)) + " -> " + printable(line_of(*change.after));
}

}  // namespace quipu::tool
