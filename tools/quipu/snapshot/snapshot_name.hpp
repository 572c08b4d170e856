/// Entities in a walk over all of a journal: by a hash of their names, for there may be many.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/journal/record.hpp>
#include <string>
#include <string_view>

namespace quipu::tool {

inline std::string shown_name(std::string_view category, std::string_view key) {
  return std::string(category) + "/" + journal::escape_key(key);
}

/// A category has no slash, so no two names are the same.
inline id128 hash_of_name(std::string_view category, std::string_view key) {
  thread_local std::string name;
  name.assign(category).append("/").append(key);
  return checksum_of(as_bytes(name));
}

}  // namespace quipu::tool
