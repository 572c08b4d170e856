#include "tables_audit.hpp"

#include "busiest_routes.hpp"
#include "delay_by_hour.hpp"

namespace samples {
namespace {

constexpr std::size_t most_findings = 10;

delay_totals totals_in(const flights::DelayRowT& row) {
  return {row.arrivals, row.delay_sum_min, row.late, row.worst_delay_min};
}

std::string in_words(const route& which) { return std::get<0>(which) + " to " + std::get<1>(which); }
std::string in_words(int hour) { return "hour " + std::to_string(hour); }
std::string in_words(std::uint64_t departures) { return std::to_string(departures) + " departures"; }
std::string in_words(const delay_totals& t) {
  return std::to_string(t.arrivals) + " arrivals, delays " + std::to_string(t.delay_sum_min) + " min, " +
         std::to_string(t.late) + " late, worst " + std::to_string(t.worst_delay_min) + " min";
}

/// Rows that are missing, of too much, or others.
template <class Key, class Value>
void compare(const std::string& table, const std::map<Key, Value>& rows, const std::map<Key, Value>& sums,
             std::vector<std::string>& found) {
  const auto tell = [&](const Key& key, const std::string& what) {
    if (found.size() < most_findings) found.push_back(table + ": " + in_words(key) + what);
  };
  for (const auto& [key, sum] : sums) {
    const auto row = rows.find(key);
    if (row == rows.end())
      tell(key, " is missing; the journal has " + in_words(sum));
    else if (row->second != sum)
      tell(key, " has " + in_words(row->second) + "; the journal has " + in_words(sum));
  }
  for (const auto& [key, row] : rows)
    if (!sums.contains(key)) tell(key, " has " + in_words(row) + "; the journal has nothing");
}

/// All rows of a table by its further key `Name`, which finds each of them once.
template <class P, class Table, quipu::literal Name, class F>
auto rows_of(quipu::read_models& models, F value_of) {
  using value = std::invoke_result_t<F, const typename Table::row&>;
  return models.read<P>([&](const typename P::tables& t) {
    std::map<typename Table::key, value> rows;
    t.template scan_by<Table, Name>(
        [&](const typename Table::key& key, const typename Table::row& row) { rows[key] = value_of(row); });
    return rows;
  });
}

}  // namespace

std::expected<std::vector<std::string>, std::string> differences(quipu::read_models& models,
                                                                 const journal_sums& journal) {
  std::vector<std::string> found;
  const auto by_route = rows_of<delay_by_route, delay_by_route::routes, "lost">(models, totals_in);
  if (!by_route) return std::unexpected(by_route.error().text);
  compare("delay_by_route", *by_route, journal.by_route, found);

  const auto by_hour = models.read<delay_by_hour>([](const delay_by_hour::tables& t) {
    std::map<int, delay_totals> rows;
    t.scan<delay_by_hour::hours>(
        [&](int hour, const flights::DelayRowT& row) { rows[hour] = totals_in(row); });
    return rows;
  });
  if (!by_hour) return std::unexpected(by_hour.error().text);
  compare("delay_by_hour", *by_hour, journal.by_hour, found);

  const auto departures = rows_of<busiest_routes, busiest_routes::routes, "flown">(
      models, [](const flights::RouteRowT& row) { return row.departures; });
  if (!departures) return std::unexpected(departures.error().text);
  compare("busiest_routes", *departures, journal.departures, found);
  return found;
}

}  // namespace samples
