#include <quipu/domain.hpp>

#include <set>

namespace quipu {
namespace {

std::unexpected<error> wrong(std::string text) {
  return std::unexpected(error(error_code::domain_invalid, std::move(text)));
}

}  // namespace

result<void> well_formed(const domain& what) {
  if (what.name().empty()) return wrong("the domain has no name: give it one, quipu::domain{\"bank\", ...}");
  if (what.entities().empty() && what.projections().empty())
    return wrong("the domain " + what.name() +
                 " has no entities and no projections: add quipu::entities<...>");
  std::set<std::string_view> seen;
  for (const auto* type : what.entities()) {
    if (!model::well_formed_category(type->category))
      return wrong("the category '" + type->category + "' is not of the form [a-z0-9_.-]{1,64}");
    if (!seen.insert(type->category).second)
      return wrong("two entity types have the category " + type->category);
  }
  std::set<std::string_view> projections;
  for (const auto& one : what.projections()) {
    if (!projections.insert(one.name).second)
      return wrong("two projections have the name " + std::string(one.name));
  }
  return {};
}

}  // namespace quipu
