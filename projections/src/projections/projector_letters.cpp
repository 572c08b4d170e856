// What people want to be done with dead letters, in this process or another.
#include "projections/letters.hpp"
#include "projections/projector_thread.hpp"
#include "projections/wishes.hpp"

#include <string>

namespace quipu::projecting {

result<released> projector_thread::retry(const event_key& event) {
  return call([&](applying& work) -> result<released> {
    if (auto first = work.check_first(event); !first) return std::unexpected(first.error());
    return work.release(event);
  });
}

result<released> projector_thread::skip(const event_key& event, std::string_view reason) {
  auto done = call([&](applying& work) -> result<released> {
    if (auto first = work.check_first(event); !first) return std::unexpected(first.error());
    return work.skip(event, reason);
  });
  if (!done) return done;
  // A power cut may undo the last transaction. What the journal says comes back, and what a person said does not: one more
  // transaction makes it durable.
  auto kept = call([](applying& work) { return work.keep_skips(work.skipped()), result<void>{}; });
  if (!kept) return std::unexpected(kept.error());
  return done;
}

// One entity a transaction: others may be many.
result<released> projector_thread::retry_all() {
  released sum;
  std::string from;
  for (;;) {
    bool any = false;
    auto one = call([&](applying& work) -> result<released> {
      auto first = work.first_letter_from(from);
      if (!first) return std::unexpected(first.error());
      if (!*first) return released{};
      any = true;
      // Past the last event that the entity can have.
      from = letter_key((*first)->category, (*first)->key, ~std::uint64_t{0});
      return work.release(**first);
    });
    if (!one) return one;
    if (!any) return sum;
    sum.applied += one->applied;
    sum.left += one->left;
  }
}

// Of the generation that it keeps. A wish may find another one live: then it goes over first.
void projector_thread::grant_wishes() {
  const wishes box(home_.directory_of(work_->writer.kept().number));
  box.grant([this](const letter_wish& wish) {
    return guarded([&] { return beside_.grant ? beside_.grant(wish) : granted(wish, *this); });
  });
}

}  // namespace quipu::projecting
