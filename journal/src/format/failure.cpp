#include <quipu/journal/failure.hpp>

#include <algorithm>

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

failure_kind kind_of(error_code code) {
  using enum failure_kind;
  static constexpr failure_kind kinds[] = {invalid, not_found, exists, locked, corrupt, unsupported, refused};
  const auto* found = std::ranges::find(kinds, explain(code).kind, [](failure_kind k) { return name_of(k); });
  return found == std::end(kinds) ? unavailable : *found;
}

failure::failure(error_code which, std::string says)
    : kind(kind_of(which)), code(which), text(std::move(says)) {}

std::string describe(const failure& why) { return why.text + " [" + std::string(name_of(why.code)) + "]"; }

}  // namespace quipu::journal
