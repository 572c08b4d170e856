/// flights run --directory D --csv FILE [--journal URL] [--from N] [--report FILE]
#include <cstdio>
#include <string_view>

#include "run_command.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "run") return samples::run_command(argc - 1, argv + 1);
  const bool asked = argc > 1 && std::string_view(argv[1]) == "--help";
  std::fprintf(asked ? stdout : stderr,
               "usage: flights run --directory D --csv FILE [--journal URL] [--from N] [--report FILE]\n");
  return asked ? 0 : 2;
}
