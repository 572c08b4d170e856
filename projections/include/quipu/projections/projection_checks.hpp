/// The commonest mistakes in a projection, each refused in words: the first error line begins with "quipu: ".
#pragma once

#include <quipu/evolution.hpp>
#include <quipu/projections/envelope.hpp>
#include <quipu/projections/tables.hpp>
#include <quipu/table.hpp>
#include <quipu/types.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>

namespace quipu::model {

template <class List>
inline constexpr bool is_tables = false;
template <class... T>
inline constexpr bool is_tables<tables<T...>> = true;

template <class P>
concept has_projection_name = requires {
  { P::name } -> std::convertible_to<std::string_view>;
};
template <class P>
concept has_entities = requires { typename P::entities; } && is_type_list<typename P::entities>;
template <class P>
concept has_wanted_events = requires { typename P::events; } && is_type_list<typename P::events>;
template <class P>
concept has_tables = requires { typename P::tables; } && is_tables<typename P::tables>;

template <class A>
concept records_events = requires {
  { A::category } -> std::convertible_to<std::string_view>;
  typename A::events;
} && is_type_list<typename A::events>;

template <class P, class E>
concept handles =
    requires(const E& event, const envelope& from, typename P::tables& into) { P::on(event, from, into); };

template <class E, class... A>
constexpr bool recorded_by(types<A...>) {
  return (contains<E, typename A::events> || ...);
}
template <class... A>
constexpr bool all_record_events(types<A...>) {
  return (records_events<A> && ...);
}

/// A file name in every file system and a word on every command line.
constexpr bool well_formed_name(std::string_view name, bool dots) {
  if (name.empty() || name.size() > 64 || name.front() == '.') return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (dots && c == '.')))
      return false;
  return true;
}

template <class P, class Table, class By>
consteval void check_further_key() {
  static_assert(well_formed_name(By::name, false),
                "quipu: the name of a further key is not made of 1 to 64 of a-z, 0-9, '_' and '-'");
  static_assert(row_key<typename By::template key<typename Table::row>>,
                "quipu: a further key is no text, integer, quipu::event_key or std::tuple of them");
}

template <class P, class Table>
consteval void check_table() {
  static_assert(is_table<Table>, "quipu: `tables` lists something else than a quipu::table<...>");
  if constexpr (is_table<Table>) {
    static_assert(well_formed_name(Table::name, false),
                  "quipu: the name of a table is not made of 1 to 64 of a-z, 0-9, '_' and '-'");
    static_assert(row_key<typename Table::key>,
                  "quipu: the key of a table is no text, integer, quipu::event_key or std::tuple of them");
    static_assert(described_table<typename Table::row>,
                  "quipu: the row of a table is no FlatBuffers object with a schema: use NAME_quipu.hpp of "
                  "quipu_schema()");
    if constexpr (described_table<typename Table::row>)
      for_each_type(typename Table::further{}, []<class By>() { check_further_key<P, Table, By>(); });
  }
}

template <class P, class E>
consteval void check_wanted_event() {
  static_assert(recorded_by<E>(typename P::entities{}),
                "quipu: the projection wants an event that none of its `entities` lists in its `events`");
  static_assert(
      described_table<E>,
      "quipu: an event is no FlatBuffers object with a schema: use NAME_quipu.hpp of quipu_schema()");
  static_assert(
      handles<P, E>,
      "quipu: the projection wants an event and has no `on` for it: add static void on(const EVENT&, const "
      "quipu::envelope&, tables&)");
}

template <class... T>
consteval bool table_names_differ(types<T...>) {
  constexpr std::string_view names[] = {T::name..., ""};
  for (std::size_t i = 0; i < sizeof...(T); ++i)
    for (std::size_t j = i + 1; j < sizeof...(T); ++j)
      if (names[i] == names[j]) return false;
  return true;
}

/// Every check of projection P; `static_assert(check_projection<P>())`.
template <class P>
consteval bool check_projection() {
  static_assert(has_projection_name<P>,
                "quipu: the projection has no name: add static constexpr std::string_view name = \"...\"");
  static_assert(
      has_entities<P>,
      "quipu: the projection has no entities: add using entities = quipu::types<...>, whose events it wants");
  static_assert(
      has_wanted_events<P>,
      "quipu: the projection has no events: add using events = quipu::types<...>, those that it wants");
  static_assert(has_tables<P>, "quipu: the projection has no tables: add using tables = quipu::tables<...>");
  if constexpr (has_projection_name<P> && has_entities<P> && has_wanted_events<P> && has_tables<P>) {
    static_assert(well_formed_name(P::name, true),
                  "quipu: the projection's name is not made of 1 to 64 of a-z, 0-9, '_', '.' and '-', or "
                  "begins with '.'");
    static_assert(all_record_events(typename P::entities{}),
                  "quipu: `entities` of the projection lists something without a category and events");
    static_assert(distinct<typename P::events>, "quipu: an event is listed twice in `events`");
    for_each_type(typename P::tables::list{}, []<class T>() { check_table<P, T>(); });
    static_assert(table_names_differ(typename P::tables::list{}),
                  "quipu: two tables of the projection have the same name");
    if constexpr (all_record_events(typename P::entities{}))
      for_each_type(typename P::events{}, []<class E>() { check_wanted_event<P, E>(); });
  }
  return true;
}

}  // namespace quipu::model
