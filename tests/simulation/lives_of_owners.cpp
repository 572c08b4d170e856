// How owners come and go: openings, crashes, pauses, clocks that jump, journals that lose their end.
#include "core/snapshot.hpp"
#include "describe.hpp"
#include "world.hpp"

#include <algorithm>

namespace quipu::simulation {

void world::faults_of_this_step() {
  if (strikes(plan_.takeovers) && owners_.size() < plan_.most_owners && !free_nodes().empty())
    open_owner(false);
  auto* whom = some_owner();
  if (whom != nullptr) {
    if (strikes(plan_.crashes)) whom->die();
    if (strikes(plan_.pauses)) whom->paused_steps = chance_.between(5, 60);
    if (strikes(plan_.clock_jumps)) whom->skew += chance_.between(0, 4'000'000) - core::time_us{2'000'000};
    const bool over = std::ranges::all_of(whom->seats(), [](const auto& where) { return where->over(); });
    if (over && chance_.one_in(8)) whom->die();
    auto& where = *whom->seats()[chance_.below(whom->seats().size())];
    if (whom->alive() && strikes(plan_.closings)) whom->step(where, core::input::close{});
    if (whom->alive() && where.core.phase() == core::phase::closing && chance_.one_in(20))
      whom->step(where, core::input::abandon{});
    if (whom->alive() && chance_.one_in(40)) whom->step(where, core::input::tail_budget{chance_.below(20)});
  }
  if (strikes(plan_.clock_jumps)) pass_time(chance_.below(3'000'000));
  if (chance_.one_in(8)) log_->flush();
  if (chance_.one_in(8)) stores_[chance_.below(stores_.size())]->flush();
  if (strikes(plan_.journal_losses)) lose_journal_end();
}

owner& world::open_owner(bool mended) {
  const auto nodes = free_nodes();
  const auto node = reading_node_.value_or(nodes[chance_.below(nodes.size())]);
  if (strikes(plan_.hurt_rows) && stores_[node]->hurt_row(chance_))
    say([&] { return "! a row of node " + std::to_string(node) + " is damaged"; });
  if (strikes(plan_.old_rows)) stores_[node]->age_rows();
  owner::version program;
  if (strikes(plan_.new_versions)) version_ = 1 + chance_.below(3);
  program.fingerprint = version_;
  program.chokes = !mended && strikes(plan_.choking_versions);
  program.retry_quarantined = mended || chance_.one_in(3);
  program.time_to_live = plan_.time_to_live;
  if (strikes(plan_.other_lives)) program.time_to_live *= 3 * chance_.below(2);
  const auto number = ++owners_made_;
  cords_live_.push_back(program.time_to_live);
  say([&] {
    return "! owner " + std::to_string(number) + " opens on node " + std::to_string(node) + ", version " +
           std::to_string(program.fingerprint) + (program.chokes ? ", choking" : "") +
           (program.retry_quarantined ? ", retries quarantined" : "") +
           (program.time_to_live != plan_.time_to_live
                ? ", cords live " + std::to_string(program.time_to_live.count()) + " us"
                : "");
  });
  owners_.push_back(std::make_unique<owner>(*this, number, node, program));
  return *owners_.back();
}

void world::crash(owner& whom) {
  say([&] { return "! owner " + std::to_string(whom.number()) + " is gone"; });
  log_->forget_client(whom.number(), chance_.one_in(3) ? journal::memory::crash::drop_requests
                                                       : journal::memory::crash::keep_requests);
  if (plan_.power_cuts != 0 && chance_.one_in(plan_.power_cuts))
    stores_[whom.node()]->lose_unflushed(chance_);
  book_.burying = true;
  std::erase_if(owners_, [&](const auto& one) { return one.get() == &whom; });
  book_.burying = false;
}

void world::bury() {
  for (std::size_t i = 0; i < owners_.size();) owners_[i]->alive() ? void(++i) : crash(*owners_[i]);
}

// A power cut at a journal that acknowledges before its disk has it: nobody survives it, and what was not
// flushed is gone.
void world::lose_journal_end() {
  say([] { return std::string("! the journal loses what was not flushed"); });
  while (!owners_.empty()) crash(*owners_.back());
  log_->forget_all(journal::memory::crash::drop_requests);
  log_->lose_unflushed();
  book_.journal_lost_its_end();
  ledger_.restart();
}

std::vector<std::uint32_t> world::free_nodes() const {
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t node = 0; node < plan_.nodes; ++node)
    if (std::ranges::none_of(owners_, [&](const auto& one) { return one->node() == node; }))
      nodes.push_back(node);
  return nodes;
}

owner* world::some_owner() {
  if (owners_.empty()) return nullptr;
  return owners_[chance_.below(owners_.size())].get();
}

seat* world::seat_of(seat_name name) {
  for (auto& who : owners_)
    if (who->number() == name.owner) return who->seats()[name.partition].get();
  return nullptr;
}

// Every checkpoint that lies about is opened once more, and every entity asked: it must be what the journal
// says.
void world::final_readings() {
  while (!owners_.empty()) crash(*owners_.back());
  for (std::uint32_t node = 0; node < plan_.nodes && !findings_.any(); ++node) read_everything(node);
}

void world::read_everything(std::uint32_t node) {
  reading_node_ = node;
  auto& who = open_owner(true);
  reading_node_.reset();
  std::vector<std::uint64_t> asked;
  for (const auto& name : entities_) {
    const auto partition =
        journal::partition_of(journal::entity_hash(name.first, name.second), plan_.partitions);
    const auto wish = book_.add_wish({1, ++id_counter_}, name, {.what = verb::look});
    asked.push_back(command(who, wish, partition, true));
  }
  if (!rest("while everything is read again")) return;
  for (const auto serial : asked)
    if (const auto& of = book_.at(serial); !of.answered)
      findings_.report("10: state is rebuilt", book_.describe(of) + " was told " +
                                                   std::string(name_of(of.error)) + " with no fault about");
  if (chance_.one_in(2)) {
    for (auto& where : who.seats()) who.step(*where, core::input::close{});
    if (!rest("after closing")) return;
    for (auto& where : who.seats()) {
      if (where->core.phase() != core::phase::closed)
        findings_.report("liveness", where_text(who.number(), where->id) + " does not close");
      check_closed(node, where->id);
    }
  }
  crash(who);
}

// A clean end leaves nothing to replay.
void world::check_closed(std::uint32_t node, core::partition_id id) {
  const auto& kept = stores_[node]->look(id);
  for (const auto& [name, of] : ledger_.lives()) {
    if (journal::partition_of(journal::entity_hash(name.first, name.second), plan_.partitions) != id)
      continue;
    if (kept.damaged.contains(name) || kept.quarantined.contains(name)) continue;
    const auto row = kept.rows.find(name);
    const auto read =
        row == kept.rows.end() ? std::nullopt : std::optional(core::decode_snapshot(row->second));
    if (!read || !*read || (*read)->sequence != of.sequence())
      findings_.report("9: closing writes what is dirty",
                       name.first + "/" + name.second + " would have to be replayed");
  }
}

}  // namespace quipu::simulation
