/// Tests of a projection without a journal: given events, then rows.
///
///     using quipu::testing::given, quipu::testing::of;
///     given<balances>({bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = 70}})
///         .holds("test", {.owner = "ada", .balance = 70});
///     auto two = given<balances>({of("acc-1", bank::OpenedT{.owner = "ada"}), of("acc-2", bank::OpenedT{.owner = "bob"})});
///     two.row("acc-2")->owner;   two.lacks("acc-3");
///
/// An event without of() is the entity's "test". Of another table than the first: row<balances::accounts>(key). What does not
/// hold throws quipu::testing::failure, whose what() shows the difference as JSON. Events are packed, verified and
/// unpacked as in production.
#pragma once

#include <quipu/projections/projection.hpp>
#include <quipu/testing.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::testing {

/// Rows in memory.
class memory_rows final : public port::rows {
 public:
  std::optional<bytes_view> get(std::uint32_t table, std::string_view key) override {
    const auto row = rows_.find({table, std::string(key)});
    if (row == rows_.end()) return std::nullopt;
    return row->second;
  }
  std::optional<found> at_or_after(std::uint32_t table, std::string_view key) override {
    const auto next = rows_.lower_bound({table, std::string(key)});
    if (next == rows_.end() || next->first.first != table) return std::nullopt;
    return found{next->first.second, next->second};
  }
  void put(std::uint32_t table, std::string_view key, bytes_view row) override {
    rows_[{table, std::string(key)}].assign(row.begin(), row.end());
  }
  void erase(std::uint32_t table, std::string_view key) override { rows_.erase({table, std::string(key)}); }

 private:
  std::map<std::pair<std::uint32_t, std::string>, bytes> rows_;
};

/// An event of the entity with this key.
template <table_object E>
struct keyed_event {
  std::string key;
  E event;
};
template <table_object E>
keyed_event<E> of(std::string key, E event) {
  return {std::move(key), std::move(event)};
}

/// Any event that P wants, or that its entities know.
template <class P, auto TypeOf = &projection_type_of<P>>
class event_for {
 public:
  template <table_object E>
  event_for(const E& event) : event_for(of("test", event)) {}  // NOLINT(google-explicit-constructor)
  template <table_object E>
  event_for(const keyed_event<E>& event) : key(event.key) {  // NOLINT(google-explicit-constructor)
    const auto& type = TypeOf();
    const std::string name = table_name<E>();
    while (index < type.events.size() && type.events[index].type.name != name) ++index;
    if (index == type.events.size())
      throw failure("given: no entity of the projection " + type.name + " records " + name);
    const bytes_view packed = pack(event.event);
    payload.assign(packed.begin(), packed.end());
  }
  std::string key;
  std::uint32_t index = 0;
  bytes payload;
};

/// A projection's rows after some events; made by given().
template <class P>
class folded {
  using table_list = typename P::tables::list;
  using first_table = typename model::nth_of<0, table_list>::type;
  template <class Table>
  using key_of = model::key_argument<typename Table::key>;

 public:
  explicit folded(std::initializer_list<event_for<P>> events) { also(events); }

  /// Applies these too. Throws what the author's `on` throws.
  folded& also(std::initializer_list<event_for<P>> events) & {
    const auto& type = projection_type_of<P>();
    for (const auto& event : events) {
      const auto& category = type.events[event.index].category;
      const auto sequence = ++sequences_[{category, event.key}];
      const envelope from{.category = category,
                          .key = event.key,
                          .sequence = sequence,
                          .position = position::of(++records_, 0),
                          .time = circumstances{}.time + std::chrono::seconds(records_ - 1),
                          .command = {0, records_}};
      if (type.events[event.index].wanted) type.apply(event.index, event.payload, from, rows_);
    }
    return *this;
  }
  folded&& also(std::initializer_list<event_for<P>> events) && { return std::move(also(events)); }

  template <class Table = first_table>
  std::optional<typename Table::row> row(key_of<Table> key) {
    return typename P::tables(rows_).template get<Table>(key);
  }
  /// The row of that key is this one.
  template <class Table = first_table>
  folded& holds(key_of<Table> key, const typename Table::row& expected) & {
    const auto actual = row<Table>(key);
    const auto wanted = packed_object::of(expected);
    if (!actual)
      throw failure("holds: there is no such row in " + std::string(Table::name) + "\n" + diff({wanted}, {}));
    const auto found = packed_object::of(*actual);
    if (!(wanted == found))
      throw failure("holds: the row differs (- expected, + actual)\n" + diff({wanted}, {found}));
    return *this;
  }
  /// There is no row of that key.
  template <class Table = first_table>
  folded& lacks(key_of<Table> key) & {
    if (const auto actual = row<Table>(key))
      throw failure("lacks: there is such a row in " + std::string(Table::name) + "\n" +
                    diff({}, {packed_object::of(*actual)}));
    return *this;
  }
  template <class Table = first_table>
  folded&& holds(key_of<Table> key, const typename Table::row& expected) && {
    return std::move(holds<Table>(key, expected));
  }
  template <class Table = first_table>
  folded&& lacks(key_of<Table> key) && {
    return std::move(lacks<Table>(key));
  }
  /// `look(tables)`, and its result: for scans.
  template <std::invocable<const typename P::tables&> F>
  decltype(auto) look(F&& look) {
    const typename P::tables tables(rows_);
    return std::forward<F>(look)(tables);
  }

 private:
  memory_rows rows_;
  std::uint64_t records_ = 0;
  std::map<std::pair<std::string, std::string>, std::uint64_t> sequences_;
};

/// The projection P after these events.
template <class P>
  requires requires { typename P::tables; }
folded<P> given(std::initializer_list<event_for<P>> events = {}) {
  return folded<P>(events);
}

}  // namespace quipu::testing
