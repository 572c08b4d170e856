// What model clients ask: new wishes, the same again after an unknown outcome, and now and then something
// unkind.
#include "describe.hpp"
#include "world.hpp"

#include <algorithm>

namespace quipu::simulation {

std::size_t world::new_wish() {
  // The first entity is the hot one.
  const auto& name = entities_[chance_.one_in(2) ? 0 : chance_.below(entities_.size())];
  body what;
  what.amount = chance_.below(200);
  what.count = chance_.between(0, 3);
  const auto* of = ledger_.find(name);
  const auto lives = name.first == "cord" ? plan_.time_to_live : std::chrono::microseconds(0);
  const bool there = of != nullptr && of->seen_at(of->sequence(), now_, lives) != nullptr;
  const auto roll = chance_.below(100);
  if (roll < 50)
    what.what = verb::tie;
  else if (roll < 70)
    what.what = there && !chance_.one_in(4) ? verb::tie : verb::begin;
  else if (roll < 76)
    what.what = verb::end;
  else if (roll < 90)
    what.what = verb::look;
  else if (roll < 93)
    what.what = verb::fault_decide;
  else if (roll < 96)
    what.what = verb::fault_evolve;
  else
    what = {verb::tie, chance_.between(4, 9), what.amount};
  if (what.what != verb::tie && what.what != verb::begin) what.count = 0;
  auto made_at = now_ / 1000;
  if (chance_.one_in(plan_.old_ids)) made_at -= chance_.below(6000);
  std::optional<command_source> source;
  if (what.what != verb::look && chance_.one_in(plan_.reactions)) {
    // Beyond all that was said to be settled, and otherwise in no order.
    const auto reaction = chance_.between(1, 2);
    source = {reaction,
              {said_settled_[reaction].value + chance_.between(1, 6)},
              static_cast<std::uint16_t>(id_counter_),
              {}};
    if (chance_.one_in(2)) made_at += static_cast<std::int64_t>(chance_.below(3'000'000)) - 1'500'000;
  }
  return book_.add_wish({static_cast<std::uint64_t>(made_at) << 16U | chance_.below(1U << 16U),
                         ++id_counter_ << 8U | chance_.below(256)},
                        name, what, source);
}

// What a reaction says with one command: at times less than it could.
position world::settled_before(const command_source& source) {
  const auto most = std::min(book_.settled_by(source.reaction).value, source.at.value - 1);
  const position settled{chance_.one_in(3) ? chance_.below(static_cast<std::uint32_t>(most) + 1) : most};
  auto& said = said_settled_[source.reaction];
  said = std::max(said, settled);
  return settled;
}

std::size_t world::some_wish(bool& first) {
  const auto& wishes = book_.wishes();
  first = false;
  const auto roll = chance_.below(10);
  if (!wishes.empty() && roll < 5) {
    std::vector<std::size_t> uncertain;
    const auto begin = wishes.size() > 40 ? wishes.size() - 40 : 0;
    for (auto i = begin; i < wishes.size(); ++i)
      if (roll < 3 ? wishes[i].uncertain : !wishes[i].attempts.empty()) uncertain.push_back(i);
    if (!uncertain.empty()) return uncertain[chance_.below(uncertain.size())];
  }
  if (!wishes.empty() && roll == 5 && chance_.one_in(2)) {
    // The same id, another body: a mistake that must be noticed.
    const auto other = wishes[chance_.below(wishes.size())];
    return book_.add_wish(other.id, other.entity,
                          {other.what.what == verb::look ? verb::end : other.what.what, other.what.count,
                           other.what.amount + 1000},
                          other.source);
  }
  if (wishes.size() >= plan_.wishes && !wishes.empty()) return chance_.below(wishes.size());
  first = true;
  return new_wish();
}

void world::give_commands(owner& whom) {
  core::input::commands given;
  std::optional<core::partition_id> partition;
  for (auto wanted = chance_.between(1, 4); wanted > 0; --wanted) {
    bool first = false;
    const auto wish = some_wish(first);
    const auto& name = book_.wishes()[wish].entity;
    const auto of = journal::partition_of(journal::entity_hash(name.first, name.second), plan_.partitions);
    if (partition.value_or(of) != of) continue;
    // Admission: the caller's side decides before anything is sent.
    if (book_.inside_of({whom.number(), of}).commands >= plan_.credits) continue;
    partition = of;
    given.list.push_back(make_command(whom, wish, of, first && chance_.one_in(2)));
  }
  if (given.list.empty()) return;
  auto& where = *whom.seats()[*partition];
  whom.step(where, std::move(given));
}

core::command_ptr world::make_command(owner& whom, std::size_t wish, core::partition_id partition,
                                      bool fresh) {
  auto& of = book_.add_attempt(wish, {whom.number(), partition});
  const auto& wanted = book_.wishes()[wish];
  // A look never takes effect, so that its id is as good as new.
  of.fresh = fresh;
  if (strikes(plan_.deadlines))
    of.deadline_us = now_ + chance_.below(60'000) + static_cast<std::int64_t>(of.serial);
  if (strikes(8))
    of.expected = ledger_.sequence_of(wanted.entity) + (chance_.one_in(3) ? chance_.below(3) : 0);
  of.source = wanted.source;
  if (of.source) of.source->settled = settled_before(*of.source);
  auto made = book_.make_command(of);
  made->entity = whom.type_of(wanted.entity.first);
  say([&] {
    return "? " + book_.describe(of) + (of.fresh ? ", fresh" : "") +
           (of.expected ? ", expects " + std::to_string(*of.expected) : "") +
           (of.deadline_us != 0 ? ", deadline " + std::to_string(of.deadline_us) : "") + ", id " +
           wanted.id.hex();
  });
  return made;
}

std::uint64_t world::command(owner& whom, std::size_t wish, core::partition_id partition, bool fresh) {
  core::input::commands given;
  given.list.push_back(make_command(whom, wish, partition, fresh));
  whom.step(*whom.seats()[partition], std::move(given));
  return book_.attempts().size();
}

}  // namespace quipu::simulation
