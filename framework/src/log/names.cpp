#include <quipu/log.hpp>

namespace quipu {

std::string_view name_of(log_level level) {
  switch (level) {
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warning:
      return "warning";
    case log_level::error:
      return "error";
    case log_level::off:
      return "off";
  }
  return "unknown";
}

std::string_view name_of(log_format format) {
  switch (format) {
    case log_format::text:
      return "text";
    case log_format::json:
      return "json";
  }
  return "unknown";
}

}  // namespace quipu
