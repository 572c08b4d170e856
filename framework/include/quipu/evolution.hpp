/// How an entity reads what earlier versions of its program recorded.
///
///     using old_events = quipu::types<bank::DepositedT>;                              // no longer recorded, still stored
///     using renamed    = quipu::types<quipu::was<bank::WithdrawnT, "bank.Debited">>;  // the table had another name
///     static bank::Deposited2T upcast(const bank::DepositedT& e) { … }                // one step; steps are chained
///     static void evolve(state&, const quipu::unknown_event& e) { … }                 // instead of stopping at them
///
/// docs/guide-evolution.md shows a change from version 1 to version 3 of an event.
#pragma once

#include <quipu/journal/id.hpp>
#include <quipu/types.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quipu {

/// A string literal as a template argument.
template <std::size_t Size>
struct literal {
  char text[Size];
  consteval literal(const char (&from)[Size]) {  // NOLINT(google-explicit-constructor): a literal is one
    std::copy_n(from, Size, text);
  }
  constexpr std::string_view view() const { return {text, Size - 1}; }
};

/// Event E (listed, or an old one) was recorded under this full table name before its table was renamed.
template <class E, literal Name>
struct was {
  using event = E;
  static constexpr std::string_view name = Name.view();
};

/// A stored event whose type no list of the entity names. Views into the record.
struct unknown_event {
  std::string_view type;  ///< full name of its table
  bytes_view payload;     ///< not verified
};

namespace model {

template <class A>
struct old_events_of : std::type_identity<types<>> {};
template <class A>
  requires requires { typename A::old_events; }
struct old_events_of<A> : std::type_identity<typename A::old_events> {};

template <class A>
struct renamed_of : std::type_identity<types<>> {};
template <class A>
  requires requires { typename A::renamed; }
struct renamed_of<A> : std::type_identity<typename A::renamed> {};

template <class A, class E>
concept upcasts = requires(const E& event) { A::upcast(event); };

template <class A, class State>
concept evolves_unknown = requires(State& state, const unknown_event& event) { A::evolve(state, event); };

/// Whether the chain of upcasts from E ends in an event that A lists; a chain longer than all types goes round.
template <class A, class E, std::size_t Steps = 0>
consteval bool reaches_an_event() {
  if constexpr (contains<E, typename A::events>)
    return true;
  else if constexpr (Steps > A::events::size + old_events_of<A>::type::size || !upcasts<A, E>)
    return false;
  else
    return reaches_an_event<A, std::remove_cvref_t<decltype(A::upcast(std::declval<const E&>()))>,
                            Steps + 1>();
}

/// Calls `use` with what `event` is today.
template <class A, class E, class F>
void with_newest(const E& event, F&& use) {
  if constexpr (contains<E, typename A::events>)
    std::forward<F>(use)(event);
  else
    with_newest<A>(A::upcast(event), std::forward<F>(use));
}

template <class T>
inline constexpr bool is_renaming = false;
template <class E, literal Name>
inline constexpr bool is_renaming<was<E, Name>> = true;

template <class List>
inline constexpr bool are_renamings = false;
template <class... T>
inline constexpr bool are_renamings<types<T...>> = (is_renaming<T> && ...);

}  // namespace model
}  // namespace quipu
