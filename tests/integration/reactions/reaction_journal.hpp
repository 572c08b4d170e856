/// A backend for the suites of reactions.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace quipu::test {

struct reaction_journal {
  std::string name;
  std::function<std::string(const std::filesystem::path& directory)> url;
  int kills = 0;  ///< of a worker, where QUIPU_KILLS does not say otherwise
  /// Why it can't be tested on this machine; nothing: it can.
  std::function<std::optional<std::string>()> missing = [] { return std::nullopt; };
};
inline void PrintTo(const reaction_journal& which, std::ostream* out) { *out << which.name; }

}  // namespace quipu::test
