/// Another journal as the source of an import.
#pragma once

#include <memory>
#include <string>

#include "copying/record_source.hpp"

namespace quipu::tool {

/// Up to where the journal ends now. A record that cannot be read ends it with its place: a copy would not be whole.
from_source<std::unique_ptr<record_source>> read_journal(const std::string& url);

}  // namespace quipu::tool
