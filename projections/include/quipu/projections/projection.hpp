/// A projection: a fold over the journal into tables that are kept on disk and read by key.
///
///     struct balances {
///       static constexpr std::string_view name = "balances";
///       static constexpr int version = 1;                           // raise it when rows change their meaning
///       using entities = quipu::types<account>;                     // whose events, old and renamed ones included
///       using events   = quipu::types<bank::OpenedT, bank::DepositedT>;   // those it wants; the others pass at no cost
///       using accounts = quipu::table<"accounts", std::string, bank::BalanceRowT>;
///       using tables   = quipu::tables<accounts>;
///
///       static void on(const bank::OpenedT& e, const quipu::envelope& from, tables& t) {
///         t.put<accounts>(from.key, {.owner = e.owner});
///       }
///       static void on(const bank::DepositedT& e, const quipu::envelope& from, tables& t) {
///         t.update<accounts>(from.key, [&](auto& row) { row.balance += e.amount; });
///       }
///     };
///
/// `on` is pure: the tables, the event and its envelope are all it knows, and rows are all it changes. It runs once for
/// every event in effect; when it throws, what it did is undone and it is tried again, and in the end the event goes to
/// the dead letters. Events of older versions arrive as what they are today, by the entity's own `upcast`.
#pragma once

#include <quipu/projections/projection_checks.hpp>
#include <quipu/projections/projection_type.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace quipu {

/// A struct that describes a projection. That it does so well is checked where it is used.
template <class P>
concept projection = model::has_projection_name<P> && model::has_entities<P> && model::has_wanted_events<P> &&
                     model::has_tables<P>;

namespace model {

/// What an event of A is after its upcasts.
template <class A, class E>
struct newest_of;
template <class A, class E>
  requires contains<E, typename A::events>
struct newest_of<A, E> : std::type_identity<E> {};
template <class A, class E>
  requires(!contains<E, typename A::events>)
struct newest_of<A, E> : newest_of<A, std::remove_cvref_t<decltype(A::upcast(std::declval<const E&>()))>> {};

template <class P>
constexpr std::uint32_t projection_version_of() {
  if constexpr (requires { P::version; })
    return static_cast<std::uint32_t>(P::version);
  else
    return 0;
}

/// The events of P's entities, and P's `on` for those that it wants; Into is what `on` changes.
template <class P, class Into>
class event_appliers {
 public:
  /// Adds to what `type` says of its events.
  explicit event_appliers(port::projection_type& type) {
    for_each_type(typename P::entities{}, [&]<class A>() {
      if constexpr (requires { typename A::state; }) {
        if constexpr (evolves_unknown<A, typename A::state>)
          type.takes_unknown_events.emplace_back(A::category);
      }
      add_events_of<A>(type.events);
    });
  }
  void apply(std::uint32_t event, bytes_view payload, const envelope& from, Into& into) const {
    appliers_.at(event)(payload, from, into);
  }

 private:
  using applier = void (*)(bytes_view, const envelope&, Into&);
  using list_type = std::vector<port::projection_event>;

  template <class A>
  void add_events_of(list_type& list) {
    for_each_type(typename A::events{}, [&]<class E>() { add_event<A, E>(list, table_name<E>()); });
    for_each_type(typename old_events_of<A>::type{},
                  [&]<class E>() { add_event<A, E>(list, table_name<E>()); });
    for_each_type(typename renamed_of<A>::type{},
                  [&]<class W>() { add_event<A, typename W::event>(list, std::string(W::name)); });
  }
  template <class A, class E>
  void add_event(list_type& list, std::string stored_as) {
    constexpr bool wanted = contains<typename newest_of<A, E>::type, typename P::events>;
    const auto& today = named_type_of<E>();
    list.push_back({std::string(A::category),
                    {std::move(stored_as), today.schema, today.binary, today.table()},
                    wanted});
    if constexpr (wanted)
      appliers_.push_back(&apply_as<A, E>);
    else
      appliers_.push_back([](bytes_view, const envelope&, Into&) {});
  }
  template <class A, class E>
  static void apply_as(bytes_view payload, const envelope& from, Into& into) {
    with_newest<A>(unpack<E>(payload), [&](const auto& event) { P::on(event, from, into); });
  }

  std::vector<applier> appliers_;
};

/// The projection type of P; see projection_type_of().
template <class P>
class typed_projection final : public port::projection_type {
  using tables_type = typename P::tables;

 public:
  typed_projection() : appliers_(*this) {
    name = P::name;
    version = projection_version_of<P>();
    std::string meaning = "projection\n" + name + "\n" + std::to_string(version) + "\n";
    for_each_type(typename tables_type::list{}, [&]<class T>() {
      using row = typename T::row;
      tables.push_back(
          {std::string(T::name), named_type_of<row>(), false, key_shape_text<typename T::key>()});
      meaning += tables.back().name + "\n" + table_name<row>() + "\n" +
                 std::to_string(quipu_shape_of(static_cast<const row*>(nullptr))) + "\n";
      for_each_type(typename T::further{}, [&]<class By>() {
        tables.push_back({std::string(T::name) + "." + std::string(By::name),
                          {},
                          true,
                          key_shape_text<typename By::template key<row>>()});
        meaning += tables.back().name + "\n";
      });
    });
    fingerprint = checksum_of(as_bytes(meaning));
  }

  void apply(std::uint32_t event, bytes_view payload, const envelope& from, port::rows& into) const override {
    tables_type typed(into);
    appliers_.apply(event, payload, from, typed);
  }

 private:
  event_appliers<P, tables_type> appliers_;
};

}  // namespace model

/// The one projection type of P in this program: made at first use, static storage. Thread-safe.
template <class P>
const port::projection_type& projection_type_of() {
  static_assert(model::check_projection<P>());
  static const model::typed_projection<P> type;
  return type;
}

namespace model {

template <class... P>
struct projection_part {
  /// D is a quipu::domain: the framework, which has it, knows nothing of projections.
  template <class D>
  void add_to(D& whole) const {
    (whole.add(projection_type_of<P>().name, projection_type_of<P>()), ...);
  }
};

}  // namespace model

/// The part of a domain that lists its projections: quipu::domain{"bank", quipu::entities<account>, quipu::projections<balances>}.
template <class... P>
inline constexpr model::projection_part<P...> projections{};

}  // namespace quipu
