/// Failures, as the rest of the journal's side has them.
#pragma once

#include <quipu/journal/failure.hpp>

#include <string>
#include <utility>

namespace quipu::projecting {

using journal::fail;
using journal::failure;
using journal::failure_kind;
using journal::result;

/// The same failure, with `where` before its text.
inline std::unexpected<failure> within(const std::string& where, failure why) {
  why.text = where + ": " + why.text;
  return std::unexpected(std::move(why));
}

}  // namespace quipu::projecting
