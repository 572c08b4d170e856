/// Why a journal could not do what it was asked.
#pragma once

#include <quipu/journal/error_code.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace quipu::journal {

enum class failure_kind : std::uint8_t {
  invalid,      ///< the call, the URL or an option is wrong; the text says how to mend it
  not_found,    ///< there is no journal at that place
  exists,       ///< there is one already
  locked,       ///< another process (or this one) holds it; the text names the pid
  corrupt,      ///< bytes that fail their checks; the text names the place
  unsupported,  ///< a newer format version or an unknown flag
  refused,      ///< too large, out of space, not writable: asking again will not help until something changes
  unavailable,  ///< not reachable now; asking again may help
};

/// A value, not an exception. `text` is one sentence or two: what is wrong, where, and how to mend it.
struct failure {
  failure_kind kind;
  error_code code;
  std::string text;

  /// The kind is the code's.
  failure(error_code which, std::string says);
};

std::string_view name_of(failure_kind kind);
failure_kind kind_of(error_code code);

/// For people: the text, with the code at its end: "… [journal.locked]".
std::string describe(const failure& why);

template <class T>
using result = std::expected<T, failure>;

inline std::unexpected<failure> fail(error_code code, std::string text) {
  return std::unexpected(failure(code, std::move(text)));
}

}  // namespace quipu::journal
