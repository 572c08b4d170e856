/// Makes of an author's struct what the runtime works with: a port::entity_type.
///
/// The struct (static members only; see docs/guide and samples/bank/account.hpp):
///
///     category        std::string_view, [a-z0-9_.-]{1,64}
///     state           a FlatBuffers object, or any copyable type together with save and load
///     commands        quipu::types<...>, FlatBuffers objects
///     events          quipu::types<...>, FlatBuffers objects
///     decide          (quipu::absent, const C&, const quipu::context&) or (const state&, const C&, const
///     context&);
///                     a command may have both
///     evolve          (state&, const E&)
///     state_version   optional, int: raise it when evolve or the state change meaning
///     repeats         optional, quipu::port::repeat_window: how long repeats of a command are known
///     save, load      (const state&, quipu::bytes&) appends; (quipu::bytes_view) -> state, throws
///                     quipu::port::damaged_payload. Only for a state that is no FlatBuffers object
///     state_name      optional, std::string_view: names the format that save writes
#pragma once

#include <quipu/entity_checks.hpp>
#include <quipu/port/entity_type.hpp>
#include <quipu/table.hpp>
#include <quipu/types.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quipu {

/// A struct that describes an entity. That it does so well is checked where it is used, with a message for
/// each mistake.
template <class A>
concept entity =
    model::has_category<A> && model::has_state<A> && model::has_commands<A> && model::has_events<A>;

/// What A answers to command C.
template <class A, class C>
using reply_of = typename model::reply_to<A, C>::type;

namespace model {

template <class A>
constexpr int state_version_of() {
  if constexpr (requires { A::state_version; })
    return A::state_version;
  else
    return 0;
}

template <class A>
constexpr std::string_view state_name_of() {
  if constexpr (requires { A::state_name; })
    return A::state_name;
  else
    return {};
}

/// Under which snapshots of A's state may be read: another fingerprint, another meaning.
template <class A>
id128 state_fingerprint() {
  std::string text =
      "state\n" + std::string(A::category) + "\n" + std::to_string(state_version_of<A>()) + "\n";
  if constexpr (saves_itself<A>) {
    text += "own\n" + std::string(state_name_of<A>());
  } else {
    // The shape of the state alone: a new command in the same schema file must not cost everyone's snapshots.
    using table = typename A::state;
    text += std::string("table\n") + table_name<table>() + "\n" +
            std::to_string(quipu_shape_of(static_cast<const table*>(nullptr)));
  }
  return checksum_of(as_bytes(text));
}

/// A copy of a state. Throws std::invalid_argument where copying would crash (a union without its value).
template <class A>
typename A::state copy_of(const typename A::state& state) {
  if constexpr (!saves_itself<A>) refuse_null(state);
  return state;
}

/// The entity type of A; see entity_type_of().
template <class A>
class typed_entity final : public port::entity_type {
  using state_type = typename A::state;
  using event_list = typename A::events;

 public:
  typed_entity() {
    category = A::category;
    fingerprint = state_fingerprint<A>();
    for_each_type(event_list{}, [this]<class E>() { events.push_back(named_type_of<E>()); });
    schemas = events;
    for_each_type(typename A::commands{}, [this]<class C>() {
      if constexpr (!std::is_same_v<reply_of<A, C>, none>) add_schema(named_type_of<reply_of<A, C>>());
    });
    if constexpr (!saves_itself<A>) add_schema(named_type_of<state_type>());
    if constexpr (requires { A::repeats; }) window = A::repeats;
  }

  port::state_handle make() const override { return hold(new state_type{}); }

  port::state_handle clone(const void* state) const override {
    return hold(new state_type(copy_of<A>(at(state))));
  }

  void evolve(void* state, std::uint32_t event, bytes_view payload) const override {
    if (event >= event_list::size) throw std::out_of_range("an event type that the entity does not list");
    evolve_one(*static_cast<state_type*>(state), event, payload, event_list{});
  }

  void save(const void* state, bytes& out) const override {
    if constexpr (saves_itself<A>) {
      A::save(at(state), out);
    } else {
      const bytes_view packed = pack(at(state));
      out.insert(out.end(), packed.begin(), packed.end());
    }
  }

  port::state_handle load(bytes_view image) const override {
    if constexpr (saves_itself<A>)
      return hold(new state_type(A::load(image)));
    else
      return hold(new state_type(unpack<state_type>(image)));
  }

 private:
  static const state_type& at(const void* state) { return *static_cast<const state_type*>(state); }
  static port::state_handle hold(state_type* state) {
    return {state, [](void* held) { delete static_cast<state_type*>(held); }};
  }
  void add_schema(const port::named_type& named) {
    for (const auto& known : schemas)
      if (known.name == named.name && known.schema == named.schema) return;
    schemas.push_back(named);
  }
  template <class... E>
  static void evolve_one(state_type& state, std::uint32_t event, bytes_view payload, types<E...>) {
    (void)((event == index_of<E>(event_list{}) && (A::evolve(state, unpack<E>(payload)), true)) || ...);
  }
};

}  // namespace model

/// The one entity type of A in this program: made at first use, static storage. Thread-safe.
template <class A>
const port::entity_type& entity_type_of() {
  static_assert(model::check_entity<A>());
  static const model::typed_entity<A> type;
  return type;
}

}  // namespace quipu
