/// Makes of an author's struct what the runtime works with: a port::entity_type.
///
/// The struct (static members only; see docs/guide-domain-actor.md and samples/bank/account.hpp):
///
///     category        std::string_view, [a-z0-9_.-]{1,64}
///     state           a FlatBuffers object, or any copyable type together with save and load
///     commands        quipu::types<...>, FlatBuffers objects
///     events          quipu::types<...>, FlatBuffers objects
///     decide          (quipu::absent, const C&, const quipu::context&) or (const state&, const C&, const
///     context&);
///                     a command may have both
///     evolve          (state&, const E&), or (state&, const E::TableType&): the stored event, read where it lies
///     old_events      optional, quipu::types<...>: recorded by earlier versions, each with an upcast
///     renamed         optional, quipu::types<quipu::was<E, "old.Name">...>
///     upcast          (const OldT&) -> NewT, chained until `events` lists the type
///     evolve          (state&, const quipu::unknown_event&), optional: for event types that no list names
///     state_version   optional, int: raise it when evolve or the state change meaning
///     repeats         optional, quipu::port::repeat_window: how long repeats of a command are known
///     time_to_live    optional, a std::chrono duration: longer than that after its last event the entity is
///                     absent, until an event begins it again
///     save, load      (const state&, quipu::bytes&) appends; (quipu::bytes_view) -> state, throws
///                     quipu::port::damaged_payload. Only for a state that is no FlatBuffers object
///     state_name      optional, std::string_view: names the format that save writes
#pragma once

#include <quipu/deciding_command.hpp>
#include <quipu/entity_checks.hpp>
#include <quipu/evolution.hpp>
#include <quipu/port/entity_type.hpp>
#include <quipu/table.hpp>
#include <quipu/types.hpp>

#include <array>
#include <memory>
#include <optional>
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

/// Applies an event that lies in stored form, as it is or as what it is today.
template <class A, class E>
void evolve_stored(typename A::state& state, bytes_view payload) {
  if constexpr (contains<E, typename A::events> && evolves_in_place<A, E>) {
    A::evolve(state, read_in_place<E>(payload));
  } else {
    with_newest<A>(unpack<E>(payload), [&state]<class Newest>(const Newest& event) {
      if constexpr (evolves_in_place<A, Newest>) {
        bytes packed;
        append_packed(event, packed);
        A::evolve(state, read_in_place<Newest>(packed));
      } else {
        A::evolve(state, event);
      }
    });
  }
}

/// The entity type of A; see entity_type_of().
template <class A>
class typed_entity final : public port::entity_type {
  using state_type = typename A::state;
  using event_list = typename A::events;
  using old_list = typename old_events_of<A>::type;
  using renaming_list = typename renamed_of<A>::type;

 public:
  typed_entity() {
    category = A::category;
    fingerprint = state_fingerprint<A>();
    // By index: what is recorded today, what was recorded once, what had another name. evolve() counts the same way.
    for_each_type(event_list{}, [this]<class E>() { add_event<E>(table_name<E>()); });
    for_each_type(old_list{}, [this]<class E>() { add_event<E>(table_name<E>()); });
    for_each_type(renaming_list{}, [this]<class W>() { add_event<typename W::event>(std::string(W::name)); });
    schemas = events;
    for_each_type(typename A::commands{}, [this]<class C>() {
      commands.push_back({named_type_of<C>(), std::nullopt});
      if constexpr (!std::is_same_v<reply_of<A, C>, none>) {
        commands.back().reply = named_type_of<reply_of<A, C>>();
        add_reply(named_type_of<reply_of<A, C>>());
      }
    });
    for (const auto& reply : replies) add_schema(reply);
    if constexpr (!saves_itself<A>) {
      stored_state = named_type_of<state_type>();
      add_schema(*stored_state);
    }
    takes_unknown_events = evolves_unknown<A, state_type>;
    if constexpr (requires { A::repeats; }) window = A::repeats;
    if constexpr (requires { A::time_to_live; }) time_to_live = A::time_to_live;
  }

  port::state_handle make() const override { return hold(new state_type{}); }

  port::state_handle clone(const void* state) const override {
    return hold(new state_type(copy_of<A>(at(state))));
  }

  void evolve(void* state, std::uint32_t event, bytes_view payload) const override {
    if (event >= appliers.size()) throw std::out_of_range("an event type that the entity does not list");
    appliers[event](*static_cast<state_type*>(state), payload);
  }

  void evolve_unknown(void* state, std::string_view type, bytes_view payload) const override {
    if constexpr (evolves_unknown<A, state_type>)
      A::evolve(*static_cast<state_type*>(state), unknown_event{type, payload});
    else
      port::entity_type::evolve_unknown(state, type, payload);
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

  result<std::unique_ptr<port::command>> make_command(std::uint32_t which, std::string key, bytes_view body,
                                                      std::vector<header> headers,
                                                      packed_handler&& told) const override {
    if (which >= makers.size())
      return std::unexpected(
          error(error_code::command_unknown, category + " takes " + std::to_string(makers.size()) +
                                                 " commands; there is none of number " +
                                                 std::to_string(which) + ", counted from 0"));
    return makers[which](*this, std::move(key), body, std::move(headers), std::move(told));
  }

 private:
  static const state_type& at(const void* state) { return *static_cast<const state_type*>(state); }
  static port::state_handle hold(state_type* state) {
    return {state, [](void* held) { delete static_cast<state_type*>(held); }};
  }
  template <class E>
  void add_event(std::string stored_as) {
    const auto& today = named_type_of<E>();
    events.push_back({std::move(stored_as), today.schema, today.binary, today.table()});
  }
  void add_reply(const port::named_type& named) {
    for (const auto& known : replies)
      if (known.name == named.name && known.schema == named.schema) return;
    replies.push_back(named);
  }
  void add_schema(const port::named_type& named) {
    for (const auto& known : schemas)
      if (known.name == named.name && known.schema == named.schema) return;
    schemas.push_back(named);
  }

  using applier = void (*)(state_type&, bytes_view);
  template <class... E, class... O, class... W>
  static constexpr auto appliers_of(types<E...>, types<O...>, types<W...>) {
    return std::array<applier, sizeof...(E) + sizeof...(O) + sizeof...(W)>{
        &evolve_stored<A, E>..., &evolve_stored<A, O>..., &evolve_stored<A, typename W::event>...};
  }
  static constexpr auto appliers = appliers_of(event_list{}, old_list{}, renaming_list{});

  using maker = result<std::unique_ptr<port::command>> (*)(const port::entity_type&, std::string&&,
                                                           bytes_view, std::vector<header>&&,
                                                           packed_handler&&);
  template <class... C>
  static constexpr auto makers_of(types<C...>) {
    return std::array<maker, sizeof...(C)>{&command_from_bytes<A, C>...};
  }
  static constexpr auto makers = makers_of(typename A::commands{});
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
