/// Read models by the name that was given.
#pragma once

#include <quipu/projections/read_models.hpp>

#include <expected>
#include <string>

#include "command.hpp"

namespace quipu::tool {

/// What the disk says of it. What is wrong, and which there are, was said on stderr.
std::expected<kept_projection, exit_code> find_projection(read_models& models, const std::string& directory,
                                                          const std::string& name);

/// The same, with a live generation that can be read.
std::expected<kept_projection, exit_code> find_live(read_models& models, const std::string& directory,
                                                    const std::string& name);

}  // namespace quipu::tool
