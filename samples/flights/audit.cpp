#include "audit.hpp"

#include <quipu/journal/record.hpp>

#include <array>
#include <utility>

namespace samples {
namespace {

constexpr std::size_t most_findings = 10;

airport_totals totals_in(const flights::AirportT& a) {
  return {.departures = a.departures,
          .arrivals = a.arrivals,
          .distance_mi = a.distance_mi,
          .delay_sum_min = a.delay_sum_min,
          .late = a.late,
          .worst_delay_min = a.worst_delay_min};
}

std::string in_words(const airport_totals& t) {
  return std::to_string(t.departures) + " departures, " + std::to_string(t.arrivals) + " arrivals, delays " +
         std::to_string(t.delay_sum_min) + " min, worst " + std::to_string(t.worst_delay_min) + " min";
}

/// How often each movement stands in the journal.
class tally {
 public:
  explicit tally(std::span<const flight> flights) : flights_(flights), seen_(flights.size()) {}

  void count(std::string_view airport, std::uint64_t number, bool arrival) {
    if (number == 0 || number > flights_.size())
      return find("flight " + std::to_string(number) + " is in the journal and not in the file");
    const auto& told = flights_[number - 1];
    const auto& where = arrival ? told.destination : told.origin;
    if (where != airport)
      return find(name(number, arrival) + " is recorded at " + std::string(airport) + ", not at " + where);
    ++seen_[number - 1][arrival];
  }
  std::vector<std::string> finish() {
    for (const auto& one : flights_)
      for (const bool arrival : {false, true}) {
        const auto times = seen_[one.number - 1][arrival];
        if (times == 0) find(name(one.number, arrival) + " is missing");
        if (times > 1) find(name(one.number, arrival) + " is recorded " + std::to_string(times) + " times");
      }
    return std::move(findings_);
  }
  void find(std::string what) {
    if (findings_.size() < most_findings) findings_.push_back(std::move(what));
  }

 private:
  static std::string name(std::uint64_t number, bool arrival) {
    return std::string(arrival ? "arrival" : "departure") + " of flight " + std::to_string(number);
  }

  std::span<const flight> flights_;
  std::vector<std::array<std::uint32_t, 2>> seen_;
  std::vector<std::string> findings_;
};

/// The journal's records carry their checksums; that a payload is the table it claims to be is checked here.
template <class Table>
const Table* table_in(quipu::bytes_view payload) {
  flatbuffers::Verifier verifier(payload.data(), payload.size());
  return verifier.VerifyBuffer<Table>(nullptr) ? flatbuffers::GetRoot<Table>(payload.data()) : nullptr;
}

/// One way to write it down is the projections'; this is another.
void add(delay_totals& to, int delay_min) {
  if (to.arrivals++ == 0 || delay_min > to.worst_delay_min) to.worst_delay_min = delay_min;
  to.delay_sum_min += delay_min;
  to.late += delay_min >= 15 ? 1 : 0;
}

int hour_of(std::int64_t scheduled_min) {
  constexpr int minutes_a_day = 24 * 60;
  return static_cast<int>((scheduled_min % minutes_a_day + minutes_a_day) % minutes_a_day) / 60;
}

void count_commit(const quipu::journal::record_view& record, const quipu::journal::commit_view& commit,
                  tally& counts, journal_sums& sums) {
  const std::string here(commit.key);
  for (std::uint32_t i = 0; i < commit.event_count; ++i) {
    const auto event = commit.event(i);
    const auto type = record.type(event.type).name;
    if (type == flights::Departed::GetFullyQualifiedName()) {
      const auto* told = table_in<flights::Departed>(event.payload);
      if (told == nullptr) continue;
      counts.count(here, told->flight(), false);
      ++sums.departures[{here, told->destination()->str()}];
    } else if (type == flights::Arrived::GetFullyQualifiedName()) {
      const auto* told = table_in<flights::Arrived>(event.payload);
      if (told == nullptr) continue;
      counts.count(here, told->flight(), true);
      add(sums.by_route[{told->origin()->str(), here}], told->delay_min());
      add(sums.by_hour[hour_of(told->scheduled_min())], told->delay_min());
    } else {
      counts.find("an event of type " + std::string(type));
    }
  }
}

}  // namespace

std::expected<airport_states, std::string> read_airports(quipu::runtime& rt,
                                                         std::span<const flight> flights) {
  std::vector<std::pair<std::string, quipu::future<quipu::answer<flights::AirportT>>>> asked;
  for (const auto& [code, totals] : totals_of(flights)) asked.emplace_back(code, rt.read<airport>(code));
  airport_states states;
  for (auto& [code, answer] : asked) {
    auto said = answer.get();
    if (!said) return std::unexpected("reading airport " + code + ": " + said.error().text);
    if (said->accepted()) states.emplace(code, std::move(said->outcome.value()));
  }
  return states;
}

std::vector<std::string> differences(const airport_states& states, std::span<const flight> flights) {
  std::vector<std::string> found;
  for (const auto& [code, expected] : totals_of(flights)) {
    const auto state = states.find(code);
    const auto actual = state == states.end() ? airport_totals{} : totals_in(state->second);
    if (actual != expected)
      found.push_back("airport " + code + " has " + in_words(actual) + "; the file has " +
                      in_words(expected));
    if (found.size() == most_findings) break;
  }
  return found;
}

std::expected<journal_count, std::string> count_in_journal(quipu::journal::journal& journal,
                                                           std::span<const flight> flights) {
  tally counts(flights);
  journal_count count;
  const auto cursor = journal.read(1);
  while (true) {
    const auto stored = cursor->next();
    if (!stored) return std::unexpected("reading the journal: " + stored.error().text);
    if (!*stored) break;
    const auto record = quipu::journal::record_view::decode((*stored)->data);
    if (!record)
      return std::unexpected("record " + std::to_string((*stored)->number) + ": " + record.error().text);
    ++count.records;
    count.events += record->event_count();
    for (std::uint32_t i = 0; i < record->commit_count(); ++i)
      count_commit(*record, record->commit_at(i), counts, count.sums);
  }
  count.wrong = counts.finish();
  return count;
}

}  // namespace samples
