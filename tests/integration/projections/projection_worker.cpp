// The other process of these tests.
//   follow DIRECTORY JOURNAL-URL GROUP-EVENTS   balances and statement, until it is killed, or has caught up and its input ends
//   letters DIRECTORY PROJECTION                counts and lists dead letters and skips, with nothing of its own
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "balances.hpp"
#include "statement.hpp"

namespace {

int trouble(const quipu::journal::failure& why) {
  std::fprintf(stderr, "%s\n", why.text.c_str());
  return 3;
}

int follow(const char* directory, const char* url, const char* group_events) {
  auto journal = quipu::journal::open(url, {.mode = quipu::journal::access::read});
  if (!journal) return trouble(journal.error());
  const auto end = (*journal)->summarize();
  if (!end) return trouble(end.error());
  quipu::read_models models(directory);
  quipu::projector_options how;
  how.group_events = static_cast<std::uint32_t>(std::strtoul(group_events, nullptr, 10));
  auto balances = models.follow<samples::balances>(**journal, how);
  auto statement = models.follow<samples::statement>(**journal, how);
  for (const auto* one : {&balances, &statement})
    if (!*one) return trouble(one->error());
  std::puts("following");
  std::fflush(stdout);
  const auto last = quipu::position::start_of(end->last);
  for (const auto* one : {&balances, &statement})
    if (auto done = (**one)->wait_for(last, std::chrono::seconds(60)); !done) return trouble(done.error());
  std::puts("caught up");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

int letters(const char* directory, const char* projection) {
  quipu::read_models models(directory);
  const auto count = models.dead_letter_count(projection);
  if (!count) return trouble(count.error());
  std::printf("%llu\n", static_cast<unsigned long long>(*count));
  const auto list = models.dead_letters(projection);
  if (!list) return trouble(list.error());
  for (const auto& letter : *list)
    std::printf("%s@%llu %u %s\n", letter.event.key.c_str(),
                static_cast<unsigned long long>(letter.event.sequence), letter.attempts,
                letter.error.c_str());
  const auto skipped = models.skipped(projection);
  if (!skipped) return trouble(skipped.error());
  for (const auto& skip : *skipped)
    std::printf("skipped %s@%llu %s\n", skip.event.key.c_str(),
                static_cast<unsigned long long>(skip.event.sequence), skip.reason.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "follow" && argc == 5) return follow(argv[2], argv[3], argv[4]);
  if (what == "letters" && argc == 4) return letters(argv[2], argv[3]);
  return 2;
}
