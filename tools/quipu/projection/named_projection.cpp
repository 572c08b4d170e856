#include "projection/named_projection.hpp"

#include <algorithm>

namespace quipu::tool {

std::expected<kept_projection, exit_code> find_projection(read_models& models, const std::string& directory,
                                                          const std::string& name) {
  const auto all = models.projections();
  if (!all) return std::unexpected(give_up(all.error()));
  if (std::ranges::find(*all, name) == all->end()) {
    std::string list;
    for (const auto& one : *all) list += (list.empty() ? "" : ", ") + one;
    complain(list.empty() ? "there are no read models in " + directory + ": name the node's directory"
                          : "there is no projection " + name + " in " + directory + "; there are: " + list);
    return std::unexpected(exit_code::not_opened);
  }
  auto kept = models.kept(name);
  if (!kept) return std::unexpected(give_up(kept.error()));
  return std::move(*kept);
}

std::expected<kept_projection, exit_code> find_live(read_models& models, const std::string& directory,
                                                    const std::string& name) {
  auto kept = find_projection(models, directory, name);
  if (!kept) return kept;
  const auto* live = kept->live();
  if (live == nullptr) {
    complain("no generation of " + name + " is live: quipu projection promote makes one so");
    return std::unexpected(exit_code::not_opened);
  }
  if (!live->trouble.empty()) {
    complain(live->trouble);
    return std::unexpected(exit_code::not_opened);
  }
  return kept;
}

}  // namespace quipu::tool
