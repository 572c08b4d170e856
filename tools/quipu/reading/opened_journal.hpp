/// A journal to look into, as it was when it was opened.
#pragma once

#include <memory>
#include <quipu/journal/journal.hpp>
#include <string>
#include <vector>

namespace quipu::tool {

struct opened_journal {
  std::unique_ptr<journal::journal> from;
  journal::summary sum;
  std::vector<journal::stored_schema> schemas;  ///< every one that a record up to the summary's end uses
};

/// Read-only, beside whoever writes it.
journal::result<opened_journal> open_to_read(const std::string& url);

}  // namespace quipu::tool
