/// Which projections of which modules a command is about.
#pragma once

#include <expected>
#include <quipu/module.hpp>
#include <quipu/projections/projection_type.hpp>
#include <string>
#include <vector>

#include "command.hpp"

namespace quipu::tool {

struct projection_choice {
  std::vector<std::string> modules;
  std::vector<std::string> names;
  bool all = false;
};

/// Loads the modules and finds the projections in them, in the order of the names; all of them where `all` says so. What is
/// wrong was said on stderr.
std::expected<std::vector<const port::projection_type*>, exit_code> choose(const projection_choice& given);

}  // namespace quipu::tool
