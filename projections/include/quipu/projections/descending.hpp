/// A number as a key whose greatest comes first: "the ten busiest" is the beginning of a scan.
///
///     static quipu::descending<std::uint64_t> busiest_first(const RouteRowT& row) { return {row.flights}; }
///     using routes = quipu::table<"routes", std::string, RouteRowT, quipu::by<"flights", busiest_first>>;
///     t.scan_by<routes, "flights">([&](const std::string& route, const RouteRowT& row) { … return --wanted > 0; });
#pragma once

#include <quipu/projections/key.hpp>

#include <compare>
#include <concepts>
#include <string>
#include <string_view>

namespace quipu {

template <std::integral K>
struct descending {
  K value{};
  friend bool operator==(const descending&, const descending&) = default;
  /// In the order of the keys.
  friend auto operator<=>(const descending& a, const descending& b) { return b.value <=> a.value; }
};

namespace model {

// As the number that is as far from the last one as this is from the first.
template <std::integral K>
struct key_codec<descending<K>> {
  static void encode(const descending<K>& key, std::string& out, bool last) {
    key_codec<K>::encode(turned(key.value), out, last);
  }
  static descending<K> decode(std::string_view& from, bool last) {
    return {turned(key_codec<K>::decode(from, last))};
  }
  static std::string shape() { return "descending " + key_codec<K>::shape(); }

 private:
  static K turned(K value) { return static_cast<K>(~value); }
};

}  // namespace model
}  // namespace quipu
