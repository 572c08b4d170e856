/// The journal of a bank, written record by record without a bank: what is measured is whoever reads it.
#pragma once

#include "bench.hpp"

#include <quipu/journal/journal.hpp>

namespace bench {

/// What was written.
struct written {
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

/// Into an empty journal: every account is opened, then come the deposits, as a bank that is loaded to the full writes them:
/// a command with its reply to each event, a record of `how.together` commands. Errors end it, by exception.
written write_bank(quipu::journal::journal& to, const setting& how);

}  // namespace bench
