// quipu_walk --schedules N --seed S [--verbose] [--failures N] [--seconds N] [--expect-violation]
#include "walk.hpp"

#include <charconv>
#include <cstring>
#include <iostream>
#include <string_view>

namespace {

constexpr const char* usage =
    "quipu_walk [--schedules N] [--seed S] [--verbose] [--failures N] [--seconds N] [--expect-violation]\n"
    "  attacks the partition core with N random schedules, seeds S, S+1, …\n"
    "  --expect-violation: for planted bugs: succeeds when something is found\n";

bool number(std::string_view text, std::uint64_t& out) {
  return std::from_chars(text.data(), text.data() + text.size(), out).ptr == text.data() + text.size();
}

}  // namespace

int main(int count, char** arguments) {
  quipu::simulation::walk_options how;
  bool wanted = false;
  for (int i = 1; i < count; ++i) {
    const std::string_view option = arguments[i];
    std::uint64_t value = 0;
    if (option == "--verbose") {
      how.verbose = true;
      continue;
    }
    if (option == "--expect-violation") {
      wanted = true;
      continue;
    }
    if (i + 1 == count || !number(arguments[++i], value)) return std::cerr << usage, 2;
    if (option == "--schedules")
      how.schedules = value;
    else if (option == "--seed")
      how.seed = value;
    else if (option == "--failures")
      how.failures = static_cast<std::uint32_t>(value);
    else if (option == "--seconds")
      how.seconds = static_cast<std::uint32_t>(value);
    else
      return std::cerr << usage, 2;
  }
  quipu::simulation::catch_crashes(wanted);
  const auto figures = quipu::simulation::walk(how, std::cout);
  std::cout << figures.text() << "\n";
  if (!wanted) return figures.failed == 0 ? 0 : 1;
  if (figures.failed != 0) {
    std::cout << "the planted bug was found in schedule " << figures.schedules << "\n";
    return 0;
  }
  std::cout << "the planted bug was NOT found\n";
  return 1;
}
