/// A journal as JSON lines: docs/export_format.md says what each key means.
#pragma once

#include <cstdint>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::tool {

inline constexpr std::string_view export_format_name = "quipu-export";
inline constexpr std::uint64_t export_version = 1;

/// The first line.
struct export_head {
  journal::identity about;
  std::optional<record_number> from;  ///< nothing: from the journal's start
  std::optional<record_number> to;    ///< nothing: to the journal's end
  std::vector<journal::stored_schema> schemas;
};

/// What the last line counts.
struct export_counts {
  std::uint64_t records = 0;
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  friend bool operator==(const export_counts&, const export_counts&) = default;
};

/// Every line begins with {"sum":"…", the XXH3-128 of the sum of the line before it (nothing, for the first) and of what
/// follows on the line itself: a line that was changed, lost or moved shows.
class line_sums {
 public:
  static constexpr std::size_t prefix_bytes = 42;  ///< {"sum":"…",

  /// Of the next line, of which `rest` is what follows; moves on.
  std::string next(std::string_view rest) {
    last_ = checksum_of(as_bytes(last_ + std::string(rest))).hex();
    return last_;
  }

 private:
  std::string last_;
};

}  // namespace quipu::tool
