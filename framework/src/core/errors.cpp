#include <quipu/result.hpp>

#include <algorithm>

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

error_kind kind_of(error_code code) {
  struct pair {
    std::string_view name;
    error_kind kind;
  };
  using enum error_kind;
  // The names of both closed sets: the runtime's kinds, and the journal's where they are called otherwise.
  static constexpr pair kinds[] = {
      {"overloaded", overloaded}, {"unavailable", unavailable}, {"unknown_outcome", unknown_outcome},
      {"expired", expired},       {"conflict", conflict},       {"superseded", superseded},
      {"refused", refused},       {"corrupt", corrupt},         {"faulted", faulted},
      {"not_open", not_open},     {"invalid", invalid},         {"not_found", invalid},
      {"exists", invalid},        {"locked", unavailable},      {"unsupported", corrupt}};
  const auto* found = std::ranges::find(kinds, explain(code).kind, &pair::name);
  return found == std::end(kinds) ? unavailable : found->kind;
}

std::string describe(const error& why) {
  const auto& entry = explain(why.code);
  std::string out(name_of(why.kind));
  out.append(" [").append(entry.name).append("]: ").append(why.text);
  out.append("\n  ").append(entry.cure);
  return out;
}

}  // namespace quipu
