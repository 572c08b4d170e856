/// The commonest mistakes in an entity, each refused in words: the first error line begins with "quipu: ".
///
/// The checks run one after the other and each only where the ones before held, so that one mistake makes one
/// message.
#pragma once

#include <quipu/context.hpp>
#include <quipu/decision.hpp>
#include <quipu/evolution.hpp>
#include <quipu/table.hpp>
#include <quipu/types.hpp>

#include <chrono>
#include <concepts>
#include <string_view>
#include <type_traits>

namespace quipu::model {

template <class A>
concept has_category = requires {
  { A::category } -> std::convertible_to<std::string_view>;
};
template <class A>
concept has_state = requires { typename A::state; };
template <class A>
concept has_commands = requires { typename A::commands; } && is_type_list<typename A::commands>;
template <class A>
concept has_events = requires { typename A::events; } && is_type_list<typename A::events>;

/// A state that brings its own bytes, for it is no FlatBuffers table.
template <class A>
concept saves_itself = requires(const typename A::state& state, bytes& out, bytes_view image) {
  A::save(state, out);
  { A::load(image) } -> std::same_as<typename A::state>;
};

template <class A, class C>
concept decides_absent =
    requires(const C& command, const context& context) { A::decide(absent{}, command, context); };
template <class A, class C>
concept decides_present = requires(const typename A::state& state, const C& command, const context& context) {
  A::decide(state, command, context);
};
template <class A, class E>
concept evolves = requires(typename A::state& state, const E& event) { A::evolve(state, event); };
template <class A, class E>
concept evolves_in_place =
    requires(typename A::state& state, const typename E::TableType& event) { A::evolve(state, event); };

// Which overload there is to the letter: a call cannot tell `state` from `const state&`.
template <class S, class C, class R>
void taking(R (*)(S, const C&, const context&));
template <class A, class S, class C>
concept decides_taking = requires { taking<S, C>(&A::decide); };

/// decision<A, R> -> R; `none` and not valid for anything else.
template <class A, class T>
struct decided_reply : std::type_identity<none> {
  static constexpr bool valid = false;
};
template <class A, class R>
struct decided_reply<A, decision<A, R>> : std::type_identity<R> {
  static constexpr bool valid = true;
};

template <class A, class C>
struct absent_result : std::type_identity<void> {};
template <class A, class C>
  requires decides_absent<A, C>
struct absent_result<A, C> : std::type_identity<decltype(A::decide(absent{}, std::declval<const C&>(),
                                                                   std::declval<const context&>()))> {};
template <class A, class C>
struct present_result : std::type_identity<void> {};
template <class A, class C>
  requires decides_present<A, C>
struct present_result<A, C>
    : std::type_identity<decltype(A::decide(std::declval<const typename A::state&>(),
                                            std::declval<const C&>(), std::declval<const context&>()))> {};

/// What decide answers to C, by the overloads that there are.
template <class A, class C>
struct reply_to {
  using of_absent = decided_reply<A, typename absent_result<A, C>::type>;
  using of_present = decided_reply<A, typename present_result<A, C>::type>;
  using type = typename std::conditional_t<decides_present<A, C>, of_present, of_absent>::type;
  static constexpr bool valid =
      (!decides_absent<A, C> || of_absent::valid) && (!decides_present<A, C> || of_present::valid);
  static constexpr bool agree = !decides_absent<A, C> || !decides_present<A, C> ||
                                std::is_same_v<typename of_absent::type, typename of_present::type>;
};

constexpr bool well_formed_category(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-')) return false;
  return true;
}

template <class A, class C>
consteval void check_command() {
  using state = typename A::state;
  constexpr bool by_value = decides_taking<A, state, C>;
  constexpr bool to_change = decides_taking<A, state&, C>;
  static_assert(!by_value, "quipu: decide takes the state by value: take it as const state&");
  static_assert(
      !to_change,
      "quipu: decide takes the state to change it: take it as const state&, and change it in evolve");
  if constexpr (!by_value && !to_change) {
    static_assert(
        described_table<C>,
        "quipu: a command is no FlatBuffers object with a schema: use NAME_quipu.hpp of quipu_schema(), and "
        "the type with the T (bank::OpenT)");
    constexpr bool decided = decides_absent<A, C> || decides_present<A, C>;
    static_assert(
        !described_table<C> || decided,
        "quipu: a command has no decide: add static decision<...> decide(const state&, const COMMAND&, const "
        "quipu::context&), or one that takes quipu::absent first");
    if constexpr (decided) {
      using reply = reply_to<A, C>;
      static_assert(reply::valid, "quipu: decide returns something else than a decision<...> of this entity");
      static_assert(!reply::valid || reply::agree,
                    "quipu: the decide overloads of one command promise different replies");
      using R = typename reply::type;
      static_assert(std::is_same_v<R, none> || described_table<R>,
                    "quipu: a reply is no FlatBuffers object with a schema: use NAME_quipu.hpp of "
                    "quipu_schema(), and the "
                    "type with the T (bank::BalanceT)");
    }
  }
}

template <class A, class E>
consteval void check_event() {
  static_assert(described_table<E>,
                "quipu: an event is no FlatBuffers object with a schema: use NAME_quipu.hpp of "
                "quipu_schema(), and the type "
                "with the T (bank::OpenedT)");
  constexpr bool unpacked = evolves<A, E>;
  constexpr bool in_place = evolves_in_place<A, E>;
  static_assert(unpacked || in_place,
                "quipu: an event has no evolve: add static void evolve(state&, const EVENT&)");
  // Two would be two truths about one fact, and only one of them would ever run.
  static_assert(
      !unpacked || !in_place,
      "quipu: an event has two evolves, one for its object and one for its stored table: keep one (a "
      "template that takes both can be constrained with quipu::table_object)");
  if constexpr (in_place && described_table<E>)
    static_assert(
        !quipu_has_union(static_cast<const E*>(nullptr)),
        "quipu: evolve takes the stored table of an event that holds a union, whose value may be missing "
        "in a damaged journal: take its object");
}

template <class A, class E>
consteval void check_old_event() {
  static_assert(described_table<E>,
                "quipu: an old event is no FlatBuffers object with a schema: keep its table in the .fbs, "
                "next to the new one");
  static_assert(!contains<E, typename A::events>,
                "quipu: an event stands in `events` and in `old_events`: what is still recorded is not old");
  static_assert(upcasts<A, E>, "quipu: an old event has no upcast: add static NEW upcast(const OLD&)");
  if constexpr (upcasts<A, E>)
    static_assert(reaches_an_event<A, E>(),
                  "quipu: the upcasts of an old event lead to no event that `events` lists: let the last one "
                  "return one");
}

template <class A, class W>
consteval void check_renaming() {
  using E = typename W::event;
  static_assert(contains<E, typename A::events> || contains<E, typename old_events_of<A>::type>,
                "quipu: a renamed event stands neither in `events` nor in `old_events`");
}

template <class A>
consteval void check_evolution() {
  using old_list = typename old_events_of<A>::type;
  using renaming_list = typename renamed_of<A>::type;
  static_assert(is_type_list<old_list>, "quipu: old_events is no quipu::types<...>");
  static_assert(are_renamings<renaming_list>,
                "quipu: renamed is no quipu::types<quipu::was<EVENT, \"old.Name\">...>");
  if constexpr (is_type_list<old_list> && are_renamings<renaming_list>) {
    static_assert(distinct<old_list>, "quipu: an event is listed twice in `old_events`");
    for_each_type(old_list{}, []<class E>() { check_old_event<A, E>(); });
    for_each_type(renaming_list{}, []<class W>() { check_renaming<A, W>(); });
  }
}

template <class A>
consteval void check_time_to_live() {
  if constexpr (requires { A::time_to_live; }) {
    constexpr bool lasts = std::convertible_to<decltype(A::time_to_live), std::chrono::microseconds>;
    static_assert(lasts,
                  "quipu: time_to_live is no duration in whole microseconds: add static constexpr "
                  "std::chrono::hours time_to_live{24}, or leave it out");
    if constexpr (lasts)
      static_assert(
          std::chrono::microseconds(A::time_to_live).count() > 0,
          "quipu: time_to_live is not longer than nothing: leave it out where the entity lives for ever");
  }
}

/// Every check of entity A; `static_assert(check_entity<A>())`.
template <class A>
consteval bool check_entity() {
  static_assert(
      has_category<A>,
      "quipu: the entity has no category: add static constexpr std::string_view category = \"...\"");
  static_assert(has_state<A>, "quipu: the entity has no state: add using state = ...");
  static_assert(has_commands<A>, "quipu: the entity has no commands: add using commands = quipu::types<...>");
  static_assert(has_events<A>, "quipu: the entity has no events: add using events = quipu::types<...>");
  if constexpr (has_category<A> && has_state<A> && has_commands<A> && has_events<A>) {
    using state = typename A::state;
    static_assert(well_formed_category(A::category),
                  "quipu: the category is not made of 1 to 64 of a-z, 0-9, '_', '.' and '-'");
    static_assert(distinct<typename A::commands>, "quipu: a command is listed twice in `commands`");
    static_assert(distinct<typename A::events>, "quipu: an event is listed twice in `events`");
    static_assert(saves_itself<A> || described_table<state>,
                  "quipu: the state is no FlatBuffers object with a schema: use NAME_quipu.hpp of "
                  "quipu_schema(), and the "
                  "type with the T (bank::AccountT), or add "
                  "static void save(const state&, quipu::bytes&) and static state load(quipu::bytes_view)");
    static_assert(std::default_initializable<state> && std::copy_constructible<state>,
                  "quipu: the state cannot be made or copied: it needs a default and a copy constructor");
    for_each_type(typename A::commands{}, []<class C>() { check_command<A, C>(); });
    for_each_type(typename A::events{}, []<class E>() { check_event<A, E>(); });
    check_evolution<A>();
    check_time_to_live<A>();
  }
  return true;
}

}  // namespace quipu::model
