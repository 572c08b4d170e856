#include <quipu/journal/failure.hpp>

namespace quipu::journal {

std::string_view name_of(failure_kind kind) {
  switch (kind) {
    case failure_kind::invalid:
      return "invalid";
    case failure_kind::not_found:
      return "not_found";
    case failure_kind::exists:
      return "exists";
    case failure_kind::locked:
      return "locked";
    case failure_kind::corrupt:
      return "corrupt";
    case failure_kind::unsupported:
      return "unsupported";
    case failure_kind::refused:
      return "refused";
    case failure_kind::unavailable:
      return "unavailable";
  }
  return "unknown";
}

}  // namespace quipu::journal
