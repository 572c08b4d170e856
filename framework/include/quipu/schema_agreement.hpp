/// Whether a program reads what a journal holds as it was meant. runtime::open() asks; tools that load a module ask here.
#pragma once

#include <quipu/domain.hpp>
#include <quipu/journal/journal.hpp>
#include <quipu/result.hpp>

namespace quipu {

/// Compares every event and reply of the domain with every schema of the journal that has a table of that name. `invalid`
/// names each field that would be read wrongly, with its cure; `corrupt` a stored schema that can't be read.
result<void> check_schema_agreement(const domain& what, journal::journal& with);

}  // namespace quipu
