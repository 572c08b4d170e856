// What a checkpoint store may hold, checked after every write.
#include "core/snapshot.hpp"
#include "world.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace quipu::simulation {
namespace {

/// The repeat window as it was after the entity's event `sequence`, by hand.
std::vector<command_id> window_at(const life& of, std::uint64_t sequence, const port::repeat_window& bounds,
                                  command_id& forgotten) {
  std::deque<const ledger_commit*> kept;
  for (const auto& commit : of.commits) {
    if (commit.last_sequence > sequence) break;
    kept.push_back(&commit);
    const auto oldest = commit.time_us - std::chrono::microseconds(bounds.age).count();
    while (!kept.empty() && (kept.size() > bounds.count || kept.front()->time_us < oldest)) {
      if (!kept.front()->source) forgotten = std::max(forgotten, kept.front()->command);
      kept.pop_front();
    }
  }
  std::vector<command_id> ids;
  for (const auto* commit : kept) ids.push_back(commit->command);
  return ids;
}

/// The marks of reactions after the entity's event `sequence`, by hand, as a row holds them.
bytes marks_at(const life& of, std::uint64_t sequence) {
  struct lane {
    std::uint64_t reaction;
    position settled;
    std::set<std::pair<position, std::uint16_t>> done;
  };
  std::vector<lane> lanes;
  for (const auto& commit : of.commits) {
    if (commit.last_sequence > sequence || !commit.source) continue;
    auto lane_of = std::ranges::find(lanes, commit.source->reaction, &lane::reaction);
    if (lane_of == lanes.end()) lane_of = lanes.insert(lane_of, {commit.source->reaction, {}, {}});
    lane_of->settled = std::max(lane_of->settled, commit.source->settled);
    lane_of->done.emplace(commit.source->at, commit.source->index);
  }
  bytes out;
  const auto put = [&out](const auto& number) {
    const auto* raw = reinterpret_cast<const std::uint8_t*>(&number);
    out.insert(out.end(), raw, raw + sizeof number);
  };
  for (auto& one : lanes) {
    std::erase_if(one.done, [&](const auto& mark) { return mark.first <= one.settled; });
    put(one.reaction);
    put(one.settled.value);
    put(std::uint64_t{one.done.size()});
    for (const auto& [at, index] : one.done) put(at.value), put(index);
  }
  return out;
}

std::vector<command_id> ids_in(bytes_view packed) {
  std::vector<command_id> ids;
  constexpr std::size_t head = 56;
  for (std::size_t at = 0; at + head <= packed.size();) {
    std::uint64_t id[2];
    std::uint32_t reply_size;
    std::memcpy(id, packed.data() + at, sizeof id);
    std::memcpy(&reply_size, packed.data() + at + 48, sizeof reply_size);
    ids.push_back({id[0], id[1]});
    at += head + (reply_size & 0x7fffffffU);  // the last bit: of a reaction's command
  }
  return ids;
}

/// What is wrong with a row; empty: nothing.
std::string row_trouble(const bytes& image, const entity_name& name, const life* of,
                        const port::repeat_window& window, bool may_be_old) {
  const auto row = core::decode_snapshot(image);
  if (!row) return row.error().text;
  if (row->category != name.first || row->key != name.second) return "it is another entity's";
  if (of == nullptr) return row->sequence == 0 ? "" : "the journal has no event of it";
  if (row->sequence > of->sequence())
    return "it holds event " + std::to_string(row->sequence) + ", the journal ends at " +
           std::to_string(of->sequence());
  if (!of->boundary[row->sequence]) return "it holds half a commit";
  if (row->position != of->positions[row->sequence]) return "its position is not that of its last event";
  if (row->time_us != of->times[row->sequence] && !(may_be_old && row->time_us == 0))
    return "its time is not that of its last commit";
  const auto& state = of->states[row->sequence];
  if (row->exists != state.has_value()) return "it has existence wrong";
  if (state &&
      (row->state.size() != sizeof(knots) || std::memcmp(row->state.data(), &*state, sizeof(knots)) != 0))
    return "its state is not what the journal's events come to";
  command_id forgotten;
  const auto ids = window_at(*of, row->sequence, window, forgotten);
  if (ids_in(row->repeats) != ids || row->newest_forgotten != forgotten)
    return "its repeat window is not the journal's";
  if (!std::ranges::equal(row->handled, marks_at(*of, row->sequence)))
    return "its marks of reactions are not the journal's";
  return "";
}

}  // namespace

// Invariants 9 and 5: rows hold durable events only, with their repeat window; every event before the floor
// is in a row (or its entity in quarantine); the newest record is the journal's.
void world::check_store(std::uint32_t node, core::partition_id id, std::uint32_t by_owner) {
  const auto& kept = stores_[node]->look(id);
  const auto place = "the checkpoint of node " + std::to_string(node) + " partition " + std::to_string(id) +
                     ", written by owner " + std::to_string(by_owner) + ": ";
  if (kept.newest.number != 0 && ledger_.sum_of(id, kept.newest.number) != kept.newest.sum)
    findings_.report("9: snapshots hold durable events only",
                     place + "the journal does not have its newest record");
  for (const auto& [name, image] : kept.rows) {
    if (kept.damaged.contains(name) || !kept.floors.contains(name.first)) continue;
    // A row may hold nothing beyond the record by which a checkpoint of a lost end is known.
    if (const auto row = core::decode_snapshot(image); row && row->position.record() > kept.newest.number)
      findings_.report(
          "9: snapshots hold durable events only",
          place + name.first + "/" + name.second + " is newer than the checkpoint's newest record");
    const auto trouble = row_trouble(image, name, ledger_.find(name), plan_.window, plan_.old_rows != 0);
    if (!trouble.empty())
      findings_.report("9: snapshots hold durable events only",
                       place + name.first + "/" + name.second + ": " + trouble);
  }
  for (const auto& [name, of] : ledger_.lives()) {
    if (journal::partition_of(journal::entity_hash(name.first, name.second), plan_.partitions) != id)
      continue;
    const auto floor = kept.floors.find(name.first);
    if (floor == kept.floors.end() || kept.quarantined.contains(name) || kept.damaged.contains(name))
      continue;
    std::uint64_t before = 0;  // the last sequence before the floor
    while (before < of.sequence() && of.positions[before + 1] < floor->second.floor) ++before;
    const auto row = kept.rows.find(name);
    std::uint64_t held = 0;
    if (row != kept.rows.end())
      if (const auto read = core::decode_snapshot(row->second);
          read && read->fingerprint == floor->second.fingerprint)
        held = read->sequence;
    if (held < before)
      findings_.report("9: the floor never passes an event that is in no snapshot",
                       place + name.first + "/" + name.second + "@" + std::to_string(held + 1) +
                           " lies before the floor, and its row ends before it");
  }
}

}  // namespace quipu::simulation
