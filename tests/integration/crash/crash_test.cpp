/// A loaded bank, killed at many moments; what its clients noted outside of it decides whether it kept its
/// promises. QUIPU_CRASHES says how many kills (100; 25 on nats://, where each takes longer), QUIPU_SEED which moments are
/// drawn.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "books.hpp"
#include "journal_check.hpp"
#include "support/nats_server.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"
#include "victim.hpp"

namespace quipu::test::crash {
namespace {

using std::chrono::microseconds;

constexpr std::uint64_t endless = 1'000'000'000;

std::uint64_t crashes_wanted(std::uint64_t otherwise) {
  const char* given =
      std::getenv("QUIPU_CRASHES");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

/// One life of the bank: how much work it gets and when it ends.
struct plan {
  std::uint64_t commands = endless;
  std::optional<moment> kill;
};

/// What all lives of all banks came to, for people.
struct summary {
  std::array<std::uint64_t, 7> kills_during{};  ///< by the last thing told
  std::uint64_t kills_while_opening = 0;
  std::uint64_t closed = 0;
  std::uint64_t events = 0;
  std::uint64_t replayed = 0;
  std::uint64_t snapshots = 0;
  figures told;
};

class crash : public testing::Test {
 protected:
  plan draw() {
    const auto up_to = [this](std::uint64_t most) { return microseconds(between(random_, 0, most)); };
    switch (between(random_, 0, 5)) {
      case 0:  // at any time
        return {.kill = moment{.from = {}, .after = up_to(250'000), .entries = {}}};
      case 1:  // while it opens, and recovers from the last time
        return {.kill = moment{
                    .from = {}, .after = up_to(static_cast<std::uint64_t>(opening_us_)), .entries = {}}};
      case 2:  // while it answers what was left open
        return {.kill = moment{.from = note::opened, .after = {}, .entries = between(random_, 0, 150)}};
      case 3:  // while it closes
        return {.commands = between(random_, 0, 2'000),
                .kill = moment{.from = note::closing, .after = up_to(10'000), .entries = {}}};
      case 4:  // soon after so many answers
        return {.kill = moment{.from = note::loading, .after = {}, .entries = between(random_, 0, 300)}};
      default:
        return {.kill = moment{.from = note::loading, .after = {}, .entries = between(random_, 0, 10'000)}};
    }
  }

  /// Runs the bank once and settles what its end left open. False: something is wrong.
  bool live(books& books, const std::filesystem::path& home, const std::string& journal, const plan& how) {
    const auto questions = home / "questions";
    const auto list = books.questions(random_);
    std::ofstream(questions, std::ios::binary)
        .write(reinterpret_cast<const char*>(list.data()),
               static_cast<std::streamsize>(list.size() * sizeof(entry)));
    const auto started = std::chrono::steady_clock::now();
    const auto end = run_victim({QUIPU_CRASH_WORKER, (home / "node").string(), journal, questions.string(),
                                 std::to_string(random_()), std::to_string(how.commands)},
                                how.kill, [&](const entry& what) {
                                  if (what.note == note::opened) opened(what, started);
                                  books.take(what);
                                });
    books.died();
    if (end.stuck) books.find("the bank told nothing for too long");
    if (!end.killed && !end.stuck && end.status != 0)
      books.find("the bank ended by itself with status " + std::to_string(end.status));
    if (end.killed)
      ++(end.during ? all_.kills_during[static_cast<std::size_t>(*end.during)] : all_.kills_while_opening);
    else
      ++all_.closed;
    killed_ += end.killed ? 1 : 0;
    return books.wrong().empty();
  }

  void opened(const entry& what, std::chrono::steady_clock::time_point started) {
    const auto took = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - started);
    opening_us_ += (static_cast<double>(took.count()) * 1.2 - opening_us_) / 4;
    all_.replayed += static_cast<std::uint64_t>(what.value);
    all_.snapshots += what.sequence;
  }

  void add(const figures& f) {
    all_.told.sent += f.sent;
    all_.told.accepted += f.accepted;
    all_.told.rejected += f.rejected;
    all_.told.repeats += f.repeats;
    all_.told.forgotten += f.forgotten;
    all_.told.had_taken_effect += f.had_taken_effect;
    all_.told.had_not += f.had_not;
  }

  void print() const {
    const auto during = [this](note what) {
      return static_cast<unsigned long long>(all_.kills_during[static_cast<std::size_t>(what)]);
    };
    const auto n = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf(
        "killed %llu times: %llu opening, %llu settling, %llu under load, %llu closing; closed %llu times\n",
        n(killed_), n(all_.kills_while_opening), during(note::opened) + during(note::read),
        during(note::loading), during(note::closing) + during(note::closed), n(all_.closed));
    std::printf(
        "%llu commands sent, %llu took effect once (%llu events), %llu rejections, %llu repeats, %llu "
        "forgotten\n",
        n(all_.told.sent), n(all_.told.accepted), n(all_.events), n(all_.told.rejected), n(all_.told.repeats),
        n(all_.told.forgotten));
    std::printf(
        "without an answer at the kill: %llu had taken effect, %llu had not; recovery loaded %llu snapshots "
        "and "
        "replayed %llu events\n",
        n(all_.told.had_taken_effect), n(all_.told.had_not), n(all_.snapshots), n(all_.replayed));
  }

  void crash_until(std::uint64_t wanted, const std::function<std::string(int)>& url_of);

  std::mt19937_64 random_ = random_source();
  double opening_us_ = 50'000;  ///< how long opening takes here, and a little more
  std::uint64_t killed_ = 0;
  summary all_;
};

/// `url_of` names the n-th journal.
void crash::crash_until(std::uint64_t wanted, const std::function<std::string(int)>& url_of) {
  for (int journal = 1; killed_ < wanted; ++journal) {
    const auto url = url_of(journal);
    const temporary_directory home;
    books books;
    // Small journals and grown ones.
    const auto until = std::min(wanted, killed_ + between(random_, 3, 40));
    bool right = true;
    while (right && killed_ < until) right = live(books, home.path(), url, draw());
    // The last life settles everything and closes, so that the journal can be read to its end.
    right = right && live(books, home.path(), url, {.commands = 0, .kill = {}});
    if (right) all_.events += check_journal(url, home.path() / "node", books);
    add(books.figures());
    if (books.wrong().empty()) continue;
    const auto kept = home.path().string() + "-kept";
    std::filesystem::rename(home.path(), kept);
    for (const auto& one : books.wrong()) ADD_FAILURE() << one;
    FAIL() << "journal " << journal << ", after " << killed_ << " kills; the bank's directory is kept in "
           << kept;
  }
  print();
}

TEST_F(crash, every_acknowledged_command_took_effect_exactly_once) {
  crash_until(crashes_wanted(100), [](int) { return std::string("lmdb:"); });
}

TEST_F(crash, every_acknowledged_command_took_effect_exactly_once_on_nats) {
  QUIPU_SKIP_WITHOUT_NATS(nats_build::installed);
  nats_server server;
  server.start();
  crash_until(crashes_wanted(25), [&](int journal) { return server.url("bank-" + std::to_string(journal)); });
  if (HasFailure()) std::printf("the server's log ends:\n%s\n", server.log(6'000).c_str());
}

}  // namespace
}  // namespace quipu::test::crash
