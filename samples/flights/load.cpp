#include "load.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "airport.hpp"
#include "movements.hpp"

namespace samples {
namespace {

using clock = std::chrono::steady_clock;
using traffic_answer = quipu::result<quipu::answer<flights::TrafficT>>;

static_assert(most_outstanding < airport::repeats.count);

/// The commands that wait for their answers. One thread sends, the runtime's threads answer.
class outstanding {
 public:
  outstanding(std::size_t from, std::size_t to) : answered_(to, false), confirmed_(from) {}

  /// Waits until one more may be sent; false when that makes no sense any more.
  bool admit() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return waiting_ < most_outstanding || !error_.empty(); });
    if (!error_.empty()) return false;
    ++waiting_;
    return true;
  }
  void take(std::size_t index, clock::time_point asked, const traffic_answer& said) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - asked);
    const std::scoped_lock lock(guard_);
    --waiting_;
    if (note(said)) {
      latencies_us_.push_back(static_cast<std::uint32_t>(took.count()));
      answered_[index] = true;
      while (confirmed_ < answered_.size() && answered_[confirmed_]) ++confirmed_;
    }
    changed_.notify_one();
  }
  /// Hands over the latencies when there are `at_least` so many.
  bool collect(std::size_t at_least, std::vector<std::uint32_t>& latencies_us, std::size_t& confirmed) {
    const std::scoped_lock lock(guard_);
    if (latencies_us_.size() < at_least) return false;
    latencies_us.clear();
    std::swap(latencies_us, latencies_us_);
    confirmed = confirmed_;
    return true;
  }
  std::expected<load_report, std::string> finish() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return waiting_ == 0; });
    if (!error_.empty()) return std::unexpected(error_);
    return report_;
  }

 private:
  bool note(const traffic_answer& said) {
    if (said && said->accepted()) {
      ++(said->repeat ? report_.repeats : report_.recorded);
      return true;
    }
    if (said) return fail("an airport refused a movement: " + said->rejected().code);
    // Ids grow with every airport's movements, and after an error fewer movements follow than an airport
    // remembers: an id older than the newest one forgotten can only be that of a movement that was recorded.
    if (said.error().kind == quipu::error_kind::expired) {
      ++report_.forgotten;
      return true;
    }
    return fail(said.error().text);
  }
  /// The first error is the one to tell: the others follow from it.
  bool fail(const std::string& why) {
    if (error_.empty()) error_ = why;
    return false;
  }

  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<bool> answered_;
  std::size_t confirmed_;
  std::size_t waiting_ = 0;
  std::vector<std::uint32_t> latencies_us_;
  std::string error_;
  load_report report_;
};

void send(quipu::runtime& rt, const movement& what, std::size_t index, outstanding& open) {
  const auto answer = [&open, index, asked = clock::now()](traffic_answer&& said) {
    open.take(index, asked, said);
  };
  const auto& f = *what.flight;
  // No deadline: `expired` shall have one meaning.
  const quipu::ask_options how{.command = id_of(what), .deadline = std::chrono::milliseconds(0)};
  if (what.arrival)
    rt.ask<airport>(f.destination,
                    flights::RecordArrivalT{.flight = f.number,
                                            .origin = f.origin,
                                            .scheduled_min = f.scheduled_min,
                                            .delay_min = f.delay_min},
                    how, answer);
  else
    rt.ask<airport>(f.origin,
                    flights::RecordDepartureT{.flight = f.number,
                                              .scheduled_min = f.scheduled_min,
                                              .destination = f.destination,
                                              .distance_mi = f.distance_mi},
                    how, answer);
}

}  // namespace

std::expected<load_report, std::string> load_flights(quipu::runtime& rt, std::span<const flight> flights,
                                                     std::size_t from, const load_listener& listener) {
  const auto movements = in_order(flights);
  outstanding open(from, movements.size());
  std::vector<std::uint32_t> latencies_us;
  std::size_t confirmed = from;
  const auto tell = [&](std::size_t at_least) {
    if (listener && open.collect(at_least, latencies_us, confirmed)) listener(confirmed, latencies_us);
  };
  for (std::size_t i = from; i < movements.size(); ++i) {
    if (!open.admit()) break;
    send(rt, movements[i], i, open);
    tell(most_outstanding / 2);
  }
  auto report = open.finish();
  tell(1);
  return report;
}

}  // namespace samples
