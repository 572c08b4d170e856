// Keeps the diary until it is killed or its input ends: diary_keeper DIRECTORY JOURNAL-URL
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <cstdio>

#include "diary.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto journal = quipu::journal::open(argv[2], {.mode = quipu::journal::access::read});
  if (!journal) return std::fprintf(stderr, "%s\n", journal.error().text.c_str()), 3;
  quipu::read_models models(argv[1]);
  const auto kept = models.follow<quipu::test::diary>(**journal);
  if (!kept) return std::fprintf(stderr, "%s\n", kept.error().text.c_str()), 3;
  std::puts("following");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
