/// The commonest mistakes in a reaction, each refused in words: the first error line begins with "quipu: ".
#pragma once

#include <quipu/projections/projection_checks.hpp>
#include <quipu/reactions/commands.hpp>

namespace quipu::model {

template <class R, class E>
concept reacts = requires(const E& event, const envelope& from, commands& out) { R::on(event, from, out); };

template <class R, class E>
consteval void check_event_reacted_to() {
  static_assert(recorded_by<E>(typename R::entities{}),
                "quipu: the reaction wants an event that none of its `entities` lists in its `events`");
  static_assert(
      described_table<E>,
      "quipu: an event is no FlatBuffers object with a schema: use NAME_quipu.hpp of quipu_schema()");
  static_assert(
      reacts<R, E>,
      "quipu: the reaction wants an event and has no `on` for it: add static void on(const EVENT&, const "
      "quipu::envelope&, quipu::commands&)");
}

/// Every check of reaction R; `static_assert(check_reaction<R>())`.
template <class R>
consteval bool check_reaction() {
  static_assert(has_projection_name<R>,
                "quipu: the reaction has no name: add static constexpr std::string_view name = \"...\"");
  static_assert(has_entities<R>,
                "quipu: the reaction has no entities: add using entities = quipu::types<...>, to whose "
                "events it reacts");
  static_assert(
      has_wanted_events<R>,
      "quipu: the reaction has no events: add using events = quipu::types<...>, those that it reacts to");
  static_assert(
      !requires { typename R::tables; },
      "quipu: a reaction has no tables: it only sends commands. Keep rows in a projection beside it");
  if constexpr (has_projection_name<R> && has_entities<R> && has_wanted_events<R>) {
    static_assert(well_formed_name(R::name, true),
                  "quipu: the reaction's name is not made of 1 to 64 of a-z, 0-9, '_', '.' and '-', or "
                  "begins with '.'");
    static_assert(all_record_events(typename R::entities{}),
                  "quipu: `entities` of the reaction lists something without a category and events");
    static_assert(distinct<typename R::events>, "quipu: an event is listed twice in `events`");
    if constexpr (all_record_events(typename R::entities{}))
      for_each_type(typename R::events{}, []<class E>() { check_event_reacted_to<R, E>(); });
  }
  return true;
}

}  // namespace quipu::model
