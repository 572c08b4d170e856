#include <quipu/result.hpp>

namespace quipu {

std::string_view name_of(error_kind kind) {
  switch (kind) {
    case error_kind::overloaded:
      return "overloaded";
    case error_kind::unavailable:
      return "unavailable";
    case error_kind::unknown_outcome:
      return "unknown_outcome";
    case error_kind::expired:
      return "expired";
    case error_kind::conflict:
      return "conflict";
    case error_kind::superseded:
      return "superseded";
    case error_kind::refused:
      return "refused";
    case error_kind::corrupt:
      return "corrupt";
    case error_kind::faulted:
      return "faulted";
    case error_kind::not_open:
      return "not_open";
    case error_kind::invalid:
      return "invalid";
  }
  return "unknown";
}

}  // namespace quipu
