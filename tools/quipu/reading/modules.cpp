#include "reading/modules.hpp"

#include <algorithm>
#include <quipu/schema_agreement.hpp>
#include <utility>

namespace quipu::tool {

exit_code give_up(const error& why) {
  complain(why.text + " [" + std::string(name_of(why.code)) + "]");
  return why.kind == error_kind::invalid || why.kind == error_kind::conflict ? exit_code::wrong_usage
                                                                             : exit_code::not_opened;
}

std::expected<modules, exit_code> modules::load(const std::vector<std::string>& files) {
  modules out;
  for (const auto& file : files) {
    auto loaded = load_module(file);
    if (!loaded) {
      complain(loaded.error().text);
      return std::unexpected(exit_code::not_opened);
    }
    const auto known = [&](const module& one) { return one.file() == loaded->file(); };
    if (std::ranges::any_of(out.all_, known)) continue;
    for (const auto* type : loaded->domain().entities()) {
      if (out.find(type->category) == nullptr) continue;
      complain("--module " + file + ": another module has the category " + type->category +
               " too; give one of them");
      return std::unexpected(exit_code::wrong_usage);
    }
    out.all_.push_back(std::move(*loaded));
  }
  return out;
}

std::vector<const port::entity_type*> modules::entities() const {
  std::vector<const port::entity_type*> list;
  for (const auto& one : all_)
    list.insert(list.end(), one.domain().entities().begin(), one.domain().entities().end());
  return list;
}

const port::entity_type* modules::find(std::string_view category) const {
  for (const auto& one : all_)
    if (const auto* type = one.domain().find(category)) return type;
  return nullptr;
}

std::expected<const port::entity_type*, exit_code> modules::must_find(std::string_view category) const {
  if (const auto* type = find(category)) return type;
  std::string names;
  for (const auto* type : entities()) names += (names.empty() ? "" : ", ") + type->category;
  complain("no --module has entities of the category " + std::string(category) + "; there " +
           (names.empty() ? "are none" : "is " + names));
  return std::unexpected(exit_code::wrong_usage);
}

const domain& modules::domain_of(const port::entity_type& type) const {
  for (const auto& one : all_)
    if (one.domain().find(type.category) == &type) return one.domain();
  std::unreachable();
}

exit_code modules::check(journal::journal& with) const {
  for (const auto& one : all_) {
    if (auto agrees = check_schema_agreement(one.domain(), with); !agrees) {
      complain("the module " + one.file().string() + " does not fit this journal:");
      return give_up(agrees.error());
    }
  }
  return exit_code::done;
}

}  // namespace quipu::tool
