/// What a failure of the journal or the checkpoints is called towards callers.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/result.hpp>

namespace quipu::host {

inline error_kind kind_of(journal::failure_kind kind) {
  switch (kind) {
    case journal::failure_kind::invalid:
    case journal::failure_kind::not_found:
    case journal::failure_kind::exists:
      return error_kind::invalid;
    case journal::failure_kind::locked:
    case journal::failure_kind::unavailable:
      return error_kind::unavailable;
    case journal::failure_kind::corrupt:
    case journal::failure_kind::unsupported:
      return error_kind::corrupt;
    case journal::failure_kind::refused:
      return error_kind::refused;
  }
  return error_kind::unavailable;
}

}  // namespace quipu::host
