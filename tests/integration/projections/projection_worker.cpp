// Follows the journal DIRECTORY/j with balances and statement until it is killed or has caught up and its input is closed.
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "balances.hpp"
#include "statement.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::filesystem::path directory = argv[1];
  auto journal =
      quipu::journal::open("lmdb:" + (directory / "j").string(), {.mode = quipu::journal::access::read});
  if (!journal) return std::fprintf(stderr, "%s\n", journal.error().text.c_str()), 3;
  const auto end = (*journal)->summarize();
  if (!end) return std::fprintf(stderr, "%s\n", end.error().text.c_str()), 3;
  quipu::read_models models(directory);
  quipu::projector_options how;
  how.group_events = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  auto balances = models.follow<samples::balances>(**journal, how);
  auto statement = models.follow<samples::statement>(**journal, how);
  for (const auto* one : {&balances, &statement})
    if (!*one) return std::fprintf(stderr, "%s\n", one->error().text.c_str()), 3;
  std::puts("following");
  std::fflush(stdout);
  const auto last = quipu::position::start_of(end->last);
  for (const auto* one : {&balances, &statement})
    if (auto done = (**one)->wait_for(last, std::chrono::seconds(60)); !done)
      return std::fprintf(stderr, "%s\n", done.error().text.c_str()), 1;
  std::puts("caught up");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
