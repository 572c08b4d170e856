/// Where an import takes its records from.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "command.hpp"
#include "copying/copied_record.hpp"
#include "copying/export_format.hpp"

namespace quipu::tool {

/// Why there is no next record: what to say, and how the program ends.
struct source_trouble {
  std::string text;
  exit_code code = exit_code::found_wrong;
};

template <class T>
using from_source = std::expected<T, source_trouble>;

/// Records in the source's order. One thread.
class record_source {
 public:
  virtual ~record_source() = default;
  virtual const export_head& head() const = 0;
  /// Nothing at the end, and when the program is asked to stop.
  virtual from_source<std::optional<copied_record>> next() = 0;
  /// How far it is, for progress: "record 17".
  virtual std::string place() const = 0;
};

}  // namespace quipu::tool
