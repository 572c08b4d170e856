/// An entity as its durable commits made it: what replay makes, snapshots keep and commands are decided against.
#pragma once

#include "core/handled_sources.hpp"
#include "core/repeats.hpp"
#include "core/snapshot.hpp"

#include <quipu/journal/record.hpp>
#include <quipu/port/entity_type.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace quipu::core {

/// A state, or its absence, and the last event that made it so.
struct image {
  port::state_handle state = port::no_state();  ///< null: the entity is absent
  std::uint64_t sequence = 0;
  std::int64_t time = 0;  ///< of the last event's commit, in microseconds
};

/// What an event's type is not, where `port::entity_type::events` does not name it.
inline constexpr std::uint32_t unlisted_event = ~std::uint32_t{0};
std::uint32_t event_index(const port::entity_type& type, std::string_view name);

struct durable_entity {
  image durable;
  quipu::position durable_position;  ///< of its last durable event
  repeats remembered;
  std::unique_ptr<handled_sources> handled;  ///< null: no command of a reaction took effect
};

/// Before the first event of a commit: a fresh state where the entity begins (again).
void begin(durable_entity& entity, const port::entity_type& type, const journal::commit_view& commit);
/// One event of the commit; `known_as` is its event_index(). Throws what the author's evolve throws, and damaged_payload.
void evolve(durable_entity& entity, const port::entity_type& type, const journal::record_view& in,
            const journal::event_view& event, std::uint32_t known_as);
/// After the last event: the end, the sequence, what is remembered.
void settle(durable_entity& entity, const port::entity_type& type, const journal::record_view& in,
            record_number number, const journal::commit_view& commit);

/// In a handler: what the domain's code threw, in words.
std::string what_was_thrown();

/// Of which journal, entity and program a snapshot must be.
struct snapshot_owner {
  const port::entity_type& type;
  std::string_view key;
  id128 incarnation;
};

/// The row to store. `state` holds the bytes of the state afterwards. Throws what an author's save throws.
bytes encode(const durable_entity& entity, const snapshot_owner& whose, bytes& state);
/// The reverse. What is wrong with the snapshot where it cannot be trusted; the entity is not to be used then. `tail` is
/// the last record that it may know.
std::optional<std::string> restore(durable_entity& entity, const snapshot_owner& whose,
                                   const snapshot& stored, record_number tail);

}  // namespace quipu::core
