/// A projection's tables: typed rows by key, in the order of their keys, with further keys to find them by.
///
///     using accounts = quipu::table<"accounts", std::string, bank::AccountRowT, quipu::by<"owner", &bank::AccountRowT::owner>>;
///     using tables   = quipu::tables<accounts>;
///
///     t.get<accounts>("acc-17")                                       // std::optional<bank::AccountRowT>
///     t.put<accounts>("acc-17", row);   t.erase<accounts>("acc-17");
///     t.update<accounts>("acc-17", [&](auto& row) { row.balance += 5; });
///     t.scan<accounts>("acc-1", [&](const std::string& key, const bank::AccountRowT& row) { … });
///     t.find<accounts, "owner">("ada", [&](const std::string& key, const bank::AccountRowT& row) { … });
#pragma once

#include <quipu/evolution.hpp>
#include <quipu/projections/key.hpp>
#include <quipu/projections/rows.hpp>
#include <quipu/table.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quipu {

/// A further key of a table, not unique: what `Of`, a member of the row or a function of it, says.
template <literal Name, auto Of>
struct by {
  static constexpr std::string_view name = Name.view();
  template <class Row>
  using key = std::remove_cvref_t<std::invoke_result_t<decltype(Of), const Row&>>;
  template <class Row>
  static key<Row> of(const Row& row) {
    return std::invoke(Of, row);
  }
};

/// Rows of a FlatBuffers object, by key. The name is [a-z0-9_-]{1,64}: it names the table in the store too.
template <literal Name, class Key, class Row, class... By>
struct table {
  static constexpr std::string_view name = Name.view();
  static constexpr std::uint32_t stored_tables = 1 + sizeof...(By);
  using key = Key;
  using row = Row;
  using further = types<By...>;
};

namespace model {

/// In bytes. What grows past it belongs into several rows.
inline constexpr std::size_t largest_row = std::size_t{16} * 1024 * 1024;

template <class T>
inline constexpr bool is_table = false;
template <literal Name, class Key, class Row, class... By>
inline constexpr bool is_table<table<Name, Key, Row, By...>> = true;

/// Where `Name` stands among the further keys; their number where it does not.
template <literal Name, class... By>
constexpr std::uint32_t further_index(types<By...>) {
  constexpr bool named[] = {(By::name == Name.view())..., true};
  std::uint32_t i = 0;
  while (!named[i]) ++i;
  return i;
}

template <std::size_t Index, class First, class... Rest>
struct nth : nth<Index - 1, Rest...> {};
template <class First, class... Rest>
struct nth<0, First, Rest...> : std::type_identity<First> {};
template <std::size_t Index, class List>
struct nth_of {
  static_assert(Index == static_cast<std::size_t>(-1),
                "quipu: the table has no further key of this name: add quipu::by<\"NAME\", ...> to it");
};
template <std::size_t Index, class... T>
  requires(Index < sizeof...(T))
struct nth_of<Index, types<T...>> : nth<Index, T...> {};

/// What a further key of a table is made of.
template <class Table, literal Name>
using further_by =
    typename nth_of<further_index<Name>(typename Table::further{}), typename Table::further>::type;
template <class Table, literal Name>
using further_key = typename further_by<Table, Name>::template key<typename Table::row>;

}  // namespace model

/// Access to the rows of the tables T. Made by who holds the rows; one thread. In `on` it is one event's part of a
/// transaction: it sees what earlier events did, and all that an event did is undone when its `on` throws.
template <class... T>
class tables {
 public:
  using list = types<T...>;

  explicit tables(port::rows& rows) : rows_(rows) {}
  tables(const tables&) = delete;
  tables& operator=(const tables&) = delete;

  template <class Table>
  std::optional<typename Table::row> get(model::key_argument<typename Table::key> key) const {
    const auto stored = rows_.get(number<Table>(), encoded<Table>(key));
    if (!stored) return std::nullopt;
    return unpack<typename Table::row>(*stored);
  }

  /// Inserts or replaces. Throws std::length_error for a key or row that is larger than the store takes.
  template <class Table>
  void put(model::key_argument<typename Table::key> key, const typename Table::row& row) {
    const auto& at = encoded<Table>(key);
    if constexpr (Table::further::size > 0) move_further<Table>(at, &row);
    const auto packed = pack(row);
    if (packed.size() > model::largest_row)
      throw std::length_error("a row of the table " + std::string(Table::name) + " has " +
                              std::to_string(packed.size()) + " bytes and may have " +
                              std::to_string(model::largest_row));
    rows_.put(number<Table>(), at, packed);
  }

  /// `change(row)`: of the row as it is, or of a fresh one.
  template <class Table, std::invocable<typename Table::row&> F>
  void update(model::key_argument<typename Table::key> key, F&& change) {
    auto row = get<Table>(key);
    if (!row) row.emplace();
    std::forward<F>(change)(*row);
    put<Table>(key, *row);
  }

  /// Nothing happens where there is none.
  template <class Table>
  void erase(model::key_argument<typename Table::key> key) {
    const auto& at = encoded<Table>(key);
    if constexpr (Table::further::size > 0) move_further<Table>(at, nullptr);
    rows_.erase(number<Table>(), at);
  }

  /// `visit(key, row)` for the rows whose key is not less than `first`, in order, until it returns false (it may
  /// return nothing). It must not change this table.
  template <class Table, class F>
  void scan(model::key_argument<typename Table::key> first, F&& visit) const {
    scan_from<Table>(std::string(encoded<Table>(first)), visit);
  }
  /// Of all rows.
  template <class Table, class F>
    requires(!std::convertible_to<F, model::key_argument<typename Table::key>>)
  void scan(F&& visit) const {
    scan_from<Table>({}, visit);
  }

  /// `visit(key, row)` for the rows whose further key `Name` is `value`, in the order of their keys; as scan() does.
  template <class Table, literal Name, class F>
  void find(model::key_argument<model::further_key<Table, Name>> value, F&& visit) const {
    const std::string prefix = encoded_further<Table, model::further_by<Table, Name>>(value);
    find_from<Table, Name>(prefix, [&](std::string_view at) { return at.starts_with(prefix); }, visit);
  }
  /// The same for the rows whose further key is not less than `first`, in the order of that key.
  template <class Table, literal Name, class F>
  void scan_by(model::key_argument<model::further_key<Table, Name>> first, F&& visit) const {
    const std::string from = encoded_further<Table, model::further_by<Table, Name>>(first);
    find_from<Table, Name>(from, [](std::string_view) { return true; }, visit);
  }
  /// Of all rows, in the order of that key.
  template <class Table, literal Name, class F>
  void scan_by(F&& visit) const {
    find_from<Table, Name>({}, [](std::string_view) { return true; }, visit);
  }

 private:
  /// The stored table of T's rows: its further keys have the numbers behind it.
  template <class Table>
  static constexpr std::uint32_t number() {
    static_assert((std::is_same_v<Table, T> || ...),
                  "quipu: `tables` of the projection does not list this table");
    constexpr std::array<std::uint32_t, sizeof...(T)> sizes{T::stored_tables...};
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < model::index_of<Table>(list{}) && i < sizes.size(); ++i) sum += sizes[i];
    return sum;
  }

  /// Holds until the next call on this object.
  template <class Table>
  const std::string& encoded(model::key_argument<typename Table::key> key) const {
    key_.clear();
    model::encode_key<typename Table::key>(key, key_);
    return key_;
  }
  template <class Table, class By>
  static std::string encoded_further(
      model::key_argument<typename By::template key<typename Table::row>> value) {
    std::string out;
    model::encode_key<typename By::template key<typename Table::row>>(value, out, false);
    return out;
  }

  template <class Table, class F>
  static void each_further(F&& use) {
    std::uint32_t index = 0;
    model::for_each_type(typename Table::further{},
                         [&]<class By>() { use.template operator()<By>(++index); });
  }
  /// Further keys from those of the stored row to those of `row` (null: to none). Most changes leave them as they are.
  template <class Table>
  void move_further(const std::string& at, const typename Table::row* row) {
    const auto stored = rows_.get(number<Table>(), at);
    std::optional<typename Table::row> before;
    if (stored) before = unpack<typename Table::row>(*stored);
    each_further<Table>([&]<class By>(std::uint32_t index) {
      if (before && row != nullptr && By::of(*before) == By::of(*row)) return;
      const auto further = number<Table>() + index;
      if (before) rows_.erase(further, encoded_further<Table, By>(By::of(*before)).append(at));
      if (row == nullptr) return;
      std::string key;
      model::key_codec<typename By::template key<typename Table::row>>::encode(By::of(*row), key, false);
      key.append(at);
      if (key.size() > model::longest_key)
        model::refuse_long_key("the key " + std::string(By::name) + " with the row's own", key.size());
      rows_.put(further, key, {});
    });
  }

  template <class F, class Key, class Row>
  static bool goes_on(F& visit, const Key& key, const Row& row) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, const Key&, const Row&>>)
      return visit(key, row), true;
    else
      return visit(key, row);
  }
  // What is visited is copied out before: `visit` may read rows itself.
  template <class Table, class F>
  void scan_from(std::string at, F& visit) const {
    for (;;) {
      const auto found = rows_.at_or_after(number<Table>(), at);
      if (!found) return;
      at = found->key;
      const auto row = unpack<typename Table::row>(found->row);
      if (!goes_on(visit, model::decode_key<typename Table::key>(at), row)) return;
      at.push_back('\0');  // the next key that there can be
    }
  }
  template <class Table, literal Name, class F>
  void find_from(std::string at, const std::predicate<std::string_view> auto& within, F& visit) const {
    constexpr auto index = 1 + model::further_index<Name>(typename Table::further{});
    for (;;) {
      const auto found = rows_.at_or_after(number<Table>() + index, at);
      if (!found || !within(found->key)) return;
      at = found->key;
      std::string_view rest = at;
      model::key_codec<model::further_key<Table, Name>>::decode(rest, false);
      if (const auto stored = rows_.get(number<Table>(), rest)) {
        const auto row = unpack<typename Table::row>(*stored);
        if (!goes_on(visit, model::decode_key<typename Table::key>(rest), row)) return;
      }
      at.push_back('\0');
    }
  }

  port::rows& rows_;
  mutable std::string key_;
};

}  // namespace quipu
