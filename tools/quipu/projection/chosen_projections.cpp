#include "projection/chosen_projections.hpp"

#include <algorithm>

namespace quipu::tool {
namespace {

std::unexpected<exit_code> wrong(const std::string& text) {
  complain(text);
  return std::unexpected(exit_code::wrong_usage);
}

}  // namespace

std::expected<std::vector<const port::projection_type*>, exit_code> choose(const projection_choice& given) {
  std::vector<const port::projection_type*> there;
  for (const auto& file : given.modules) {
    const auto loaded = load_module(file);
    if (!loaded) {
      complain(loaded.error().text);
      return std::unexpected(exit_code::not_opened);
    }
    for (const auto& one : loaded->domain().projections()) {
      if (std::ranges::find(there, one.type) != there.end()) continue;
      if (std::ranges::find(there, one.name, &port::projection_type::name) != there.end())
        return wrong("two of the modules have a projection " + std::string(one.name) + ": name one of them");
      there.push_back(one.type);
    }
  }
  std::string list;
  for (const auto* one : there) list += (list.empty() ? "" : ", ") + one->name;
  if (there.empty())
    return wrong("the domain of the module has no projections: add quipu::projections<...> to it");

  std::vector<const port::projection_type*> chosen;
  for (const auto& name : given.names) {
    const auto found = std::ranges::find(there, name, &port::projection_type::name);
    if (found == there.end())
      return wrong("there is no projection " + name + " in the module; there are: " + list);
    if (std::ranges::find(chosen, *found) != chosen.end()) continue;
    if ((*found)->sends_commands)
      return wrong(
          name + " is a reaction: it sends commands, and what was sent once is never sent again by a replay");
    chosen.push_back(*found);
  }
  if (given.all)
    std::ranges::copy_if(there, std::back_inserter(chosen),
                         [](const auto* one) { return !one->sends_commands; });
  if (chosen.empty() && given.all)
    return wrong("the module has reactions alone, and they are never replayed");
  if (chosen.empty()) return wrong("name a projection with --projection, or take --all; there are: " + list);
  return chosen;
}

}  // namespace quipu::tool
