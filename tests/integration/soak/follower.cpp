#include "follower.hpp"

#include <quipu/journal/open.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace quipu::test::soak {
namespace {

using namespace std::chrono_literals;

constexpr auto between_attempts = 100ms;
constexpr auto between_looks = 20ms;  // at an end where nothing has come yet

}  // namespace

follower::follower(std::string url, journal_fold fold, std::function<void(std::string)> wrong)
    : url_(std::move(url)), fold_(std::move(fold)), wrong_(std::move(wrong)) {
  thread_ = std::thread([this] { work(); });
}

follower::~follower() {
  {
    const std::scoped_lock lock(guard_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool follower::pause(std::chrono::milliseconds how_long) {
  std::unique_lock lock(guard_);
  return !changed_.wait_for(lock, how_long, [this] { return stopping_; });
}

void follower::work() {
  std::unique_ptr<journal::journal> journal;
  std::unique_ptr<journal::cursor> cursor;
  while (pause(0ms)) {
    if (!journal) {
      auto opened = journal::open(url_, {.mode = journal::access::read});
      if (!opened && opened.error().kind != journal::failure_kind::unavailable &&
          opened.error().kind != journal::failure_kind::not_found)
        return wrong_("the journal can't be followed: " + opened.error().text);
      if (opened) journal = std::move(*opened);
      if (!journal && !pause(between_attempts)) return;
      continue;
    }
    if (!cursor) cursor = journal->read(fold_.last() + 1);
    const auto stored = cursor->next();
    if (!stored && stored.error().kind != journal::failure_kind::unavailable)
      return wrong_("following the journal: " + stored.error().text);
    if (!stored) {
      cursor.reset();
      if (!pause(between_attempts)) return;
    } else if (*stored) {
      fold_.take(**stored);
    } else if (!pause(between_looks)) {
      return;
    }
  }
}

void read_all(const std::string& url, journal_fold& fold, const std::function<void(std::string)>& wrong) {
  const auto opened = journal::open(url, {.mode = journal::access::read});
  if (!opened) return wrong("the journal can't be opened: " + opened.error().text);
  const auto cursor = (*opened)->read(1);
  for (;;) {
    const auto stored = cursor->next();
    if (!stored) return wrong("reading the journal: " + stored.error().text);
    if (!*stored) return;
    fold.take(**stored);
  }
}

}  // namespace quipu::test::soak
