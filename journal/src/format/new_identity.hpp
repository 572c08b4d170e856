/// The identity of a journal that is being created.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/open.hpp>

namespace quipu::journal {

/// Whether a journal can be created so; `invalid` names the number and its range.
result<void> check_creation(const creation& how);

/// Random lineage (unless it is a copy) and incarnation, now as the time. `how` passed check_creation().
identity new_identity(const creation& how);

}  // namespace quipu::journal
