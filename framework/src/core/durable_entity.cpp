#include "core/durable_entity.hpp"

#include <algorithm>
#include <exception>

namespace quipu::core {

std::uint32_t event_index(const port::entity_type& type, std::string_view name) {
  const auto found = std::ranges::find(type.events, name, &port::named_type::name);
  return found == type.events.end() ? unlisted_event
                                    : static_cast<std::uint32_t>(found - type.events.begin());
}

void begin(durable_entity& entity, const port::entity_type& type, const journal::commit_view& commit) {
  if (commit.after_expiry || !entity.durable.state) entity.durable.state = type.make();
}

void evolve(durable_entity& entity, const port::entity_type& type, const journal::record_view& in,
            const journal::event_view& event, std::uint32_t known_as) {
  auto* state = entity.durable.state.get();
  if (known_as == unlisted_event)
    type.evolve_unknown(state, in.type(event.type).name, event.payload);
  else
    type.evolve(state, known_as, event.payload);
}

void settle(durable_entity& entity, const port::entity_type& type, const journal::record_view& in,
            record_number number, const journal::commit_view& commit) {
  if (commit.ended) entity.durable.state = port::no_state();
  entity.durable.sequence = commit.last_sequence();
  entity.durable.time = commit.time_us;
  entity.durable_position = position::of(number, commit.first_event + commit.event_count - 1);
  entity.remembered.add(
      {.command = commit.command,
       .body_hash = commit.body_hash,
       .sequence = entity.durable.sequence,
       .position = entity.durable_position,
       .time_us = commit.time_us,
       .reply_type = commit.has_reply ? reply_type_of(in.type(commit.reply_type).name) : no_reply_type,
       .of_reaction = commit.source.has_value(),
       .reply = commit.reply},
      type.window);
  if (!commit.source) return;
  if (!entity.handled) entity.handled = std::make_unique<handled_sources>();
  entity.handled->add(*commit.source);
}

std::string what_was_thrown() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

bytes encode(const durable_entity& entity, const snapshot_owner& whose, bytes& state) {
  state.clear();
  const auto* object = entity.durable.state.get();
  if (object != nullptr) whose.type.save(object, state);
  bytes handled;
  if (entity.handled) entity.handled->save(handled);
  return encode({.incarnation = whose.incarnation,
                 .fingerprint = whose.type.fingerprint,
                 .category = whose.type.category,
                 .key = whose.key,
                 .sequence = entity.durable.sequence,
                 .position = entity.durable_position,
                 .exists = object != nullptr,
                 .state = state,
                 .repeats = entity.remembered.packed(),
                 .newest_forgotten = entity.remembered.newest_forgotten(),
                 .handled = handled,
                 .time_us = entity.durable.time});
}

std::optional<std::string> restore(durable_entity& entity, const snapshot_owner& whose,
                                   const snapshot& stored, record_number tail) {
  if (stored.incarnation != whose.incarnation) return "its snapshot was made from another journal";
  if (stored.fingerprint != whose.type.fingerprint) return "its snapshot is of another state or version";
  if (stored.category != whose.type.category || stored.key != whose.key)
    return "its snapshot is of another entity";
  if (stored.position.record() > tail) return "its snapshot is ahead of the journal";
  try {
    entity.durable.state = stored.exists ? whose.type.load(stored.state) : port::no_state();
  } catch (const std::exception& e) {
    return std::string("its snapshot cannot be loaded: ") + e.what();
  }
  if (!entity.remembered.load(stored.repeats, stored.newest_forgotten))
    return "its snapshot's repeat window is damaged";
  if (!stored.handled.empty()) {
    entity.handled = std::make_unique<handled_sources>();
    if (!entity.handled->load(stored.handled)) return "its snapshot's marks of reactions are damaged";
  }
  entity.durable.sequence = stored.sequence;
  entity.durable.time = stored.time_us != 0 ? stored.time_us : entity.remembered.newest_time();
  if (stored.exists && entity.durable.time == 0 && whose.type.time_to_live.count() != 0)
    return "its snapshot is of an older version and does not say when its last event was recorded";
  entity.durable_position = stored.position;
  return std::nullopt;
}

}  // namespace quipu::core
