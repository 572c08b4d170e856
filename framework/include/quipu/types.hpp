/// Small words of the programming model: lists of types, "no reply" and "not there".
#pragma once

#include <cstddef>
#include <type_traits>

namespace quipu {

/// A list of types: `using events = quipu::types<bank::OpenedT, bank::ClosedT>;`
template <class... T>
struct types {
  static constexpr std::size_t size = sizeof...(T);
};

/// The reply of a command that answers nothing but "done".
struct none {
  friend bool operator==(none, none) = default;
};

/// Stands for the state in `decide(quipu::absent, ...)`: the entity never was, has ended, or its time to
/// live is over.
struct absent {};

namespace model {

template <class T, class List>
inline constexpr bool contains = false;
template <class T, class... L>
inline constexpr bool contains<T, types<L...>> = (std::is_same_v<T, L> || ...);

/// How often T stands in the list.
template <class T, class List>
inline constexpr std::size_t count_of = 0;
template <class T, class... L>
inline constexpr std::size_t count_of<T, types<L...>> =
    (std::size_t{0} + ... + (std::is_same_v<T, L> ? 1U : 0U));

template <class List>
inline constexpr bool distinct = false;
template <class... L>
inline constexpr bool distinct<types<L...>> = ((count_of<L, types<L...>> == 1) && ...);

/// Where T stands in the list; the list's size where it does not.
template <class T, class... L>
constexpr std::size_t index_of(types<L...>) {
  constexpr bool found[] = {std::is_same_v<T, L>..., true};
  std::size_t i = 0;
  while (!found[i]) ++i;
  return i;
}

template <class T>
inline constexpr bool is_type_list = false;
template <class... L>
inline constexpr bool is_type_list<types<L...>> = true;

/// Calls `f.template operator()<T>()` for every T, in order.
template <class... T, class F>
constexpr void for_each_type(types<T...>, F&& f) {
  (f.template operator()<T>(), ...);
}

}  // namespace model
}  // namespace quipu
