#include "jetstream/pull_cursor.hpp"

#include "jetstream/aligned_copy.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>

namespace quipu::journal::jetstream {
namespace {

using namespace std::chrono_literals;

// Four requests of a MB: enough to keep a fast link full, little enough to hold for every cursor.
constexpr std::size_t pulls_most = 4;
constexpr std::uint32_t pull_messages = 1'000;
constexpr std::size_t pull_bytes = 1024 * 1024;
constexpr std::size_t buffered_most = 4 * 1024 * 1024;
constexpr auto pull_expires = 10s;
constexpr auto heartbeat_every = 1s;
constexpr auto silence_to_ask =
    200ms;  // nothing came: perhaps there is nothing, perhaps the consumer is gone
constexpr auto silence_to_restart = 3s;  // no heartbeat either
constexpr auto forgotten_after = 60s;    // the server drops a consumer that nobody asks any more

std::uint64_t number_in(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

enum class arrival_kind : std::uint8_t { message, pull_over, heartbeat, consumer_gone };

arrival_kind kind_of_status(const incoming& arrived) {
  if (arrived.status.empty()) return arrival_kind::message;
  if (arrived.status == "100") return arrival_kind::heartbeat;
  if (arrived.status == "503") return arrival_kind::consumer_gone;
  if (arrived.status == "409" && arrived.status_text.find("Consumer") != std::string_view::npos)
    return arrival_kind::consumer_gone;  // "Consumer Deleted", "Consumer is push based"
  if (arrived.status == "409" && arrived.status_text.find("Leadership") != std::string_view::npos)
    return arrival_kind::consumer_gone;
  return arrival_kind::pull_over;  // 404, 408 and the other 409s
}

}  // namespace

struct pull_cursor::arrival {
  arrival_kind kind = arrival_kind::message;
  std::uint64_t consumer = 0;  ///< the cursor's count of consumers; of a message
  std::uint64_t pull = 0;      ///< of a status
  std::uint64_t stream_sequence = 0;
  std::uint64_t consumer_sequence = 0;
  std::optional<partition_id> partition;
  aligned_block block;
  std::size_t size = 0;
};

/// Where the delivery thread leaves what came in.
class pull_cursor::inbox final : public mailbox {
 public:
  explicit inbox(const subjects& names) : names_(names) {}

  void take_message(const delivery& what, const incoming& arrived) override {
    arrival one{.stream_sequence = what.stream_sequence,
                .consumer_sequence = what.consumer_sequence,
                .partition = names_.partition_in(arrived.subject),
                .size = arrived.data.size()};
    one.consumer = number_in(what.consumer.substr(what.consumer.rfind('-') + 1));
    if (one.partition) one.block = aligned_copy(arrived.data);
    push(std::move(one));
  }

  void take_status(std::string_view tag, const incoming& arrived) override {
    push({.kind = kind_of_status(arrived), .pull = number_in(tag)});
  }

  /// What came in; waits for it that long.
  std::deque<arrival> collect(std::chrono::milliseconds patience) {
    std::unique_lock lock(guard_);
    changed_.wait_for(lock, patience, [this] { return !arrived_.empty(); });
    return std::exchange(arrived_, {});
  }

 private:
  void push(arrival one) {
    bool first = false;
    {
      const std::scoped_lock lock(guard_);
      first = arrived_.empty();
      arrived_.push_back(std::move(one));
    }
    if (first) changed_.notify_one();
  }

  const subjects& names_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<arrival> arrived_;
};

pull_cursor::pull_cursor(client& over, const subjects& names, record_number from,
                         std::optional<partition_id> only)
    : client_(over),
      names_(names),
      only_(only),
      next_(std::max<record_number>(from, 1)),
      inbox_(std::make_shared<inbox>(names)),
      address_(over.register_mailbox(inbox_)) {}

pull_cursor::~pull_cursor() { drop_consumer(); }

result<std::optional<stored_record>> pull_cursor::next() {
  const auto give_up_at = clock::now() + patience::answer;
  for (;;) {
    if (auto record = take_buffered()) return record;
    if (collect(0ms)) continue;
    if (!knows_more()) {
      if (auto asked = ask_end(); !asked) return std::unexpected(std::move(asked.error()));
      if (!knows_more()) return std::nullopt;
    }
    if (consumer_ && consumer_->generation != client_.generation()) drop_consumer();
    if (!consumer_)
      if (auto made = make_consumer(); !made) return std::unexpected(std::move(made.error()));
    top_up();
    if (collect(silence_to_ask)) continue;
    if (clock::now() > give_up_at)
      return fail(error_code::stream_silent,
                  client_.where().place() + ": no records come, though there are some");
    ask_after_silence();
  }
}

std::optional<stored_record> pull_cursor::take_buffered() {
  std::optional<stored_record> out;
  while (!buffered_.empty() && !out) {
    auto one = std::move(buffered_.front());
    buffered_.pop_front();
    buffered_bytes_ -= one.size;
    understand(one, out);
  }
  if (out) top_up();
  return out;
}

void pull_cursor::understand(arrival& next, std::optional<stored_record>& out) {
  if (!consumer_) return;
  if (next.kind == arrival_kind::heartbeat) return;
  if (next.kind == arrival_kind::message) {
    if (next.consumer != made_) return;
    if (next.consumer_sequence != consumer_->received + 1) return drop_consumer();  // a message was lost
    ++consumer_->received;
    use_up_one();
    if (next.stream_sequence < next_) return;
    next_ = next.stream_sequence + 1;
    if (next.partition && (!only_ || *only_ == *next.partition))
      out = stored_record{
          next.stream_sequence, *next.partition, {next.block.bytes, next.size}, std::move(next.block.keep)};
    return;
  }
  auto& pulls = consumer_->pulls;
  const auto about = std::ranges::find(pulls, next.pull, &pull::number);
  if (about == pulls.end()) return;
  if (next.kind == arrival_kind::consumer_gone) return drop_consumer();
  pulls.erase(pulls.begin(), about + 1);  // requests are served in their order
}

void pull_cursor::use_up_one() {
  auto& pulls = consumer_->pulls;
  if (!pulls.empty() && --pulls.front().messages_left == 0) pulls.erase(pulls.begin());
}

bool pull_cursor::collect(std::chrono::milliseconds patience) {
  auto arrived = inbox_->collect(patience);
  if (arrived.empty()) return false;
  heard_ = clock::now();
  for (const auto& one : arrived) buffered_bytes_ += one.size;
  if (buffered_.empty())
    buffered_.swap(arrived);
  else
    std::ranges::move(arrived, std::back_inserter(buffered_));
  return true;
}

// Asked of the stream's leader, so that a cursor never says "that is all" while there is more.
result<void> pull_cursor::ask_end() {
  const auto& name = client_.where().name;
  if (only_) {
    auto got = client_.ask({.subject = api_subject("STREAM.MSG.GET", name),
                            .payload = payload_of({{"last_by_subj", names_.of(*only_)}})});
    if (!got) return std::unexpected(failure_of(got.error()));
    auto last = read_message(*got);
    if (!last) return std::unexpected(std::move(last.error()));
    end_ = *last ? (*last)->number : 0;
    return {};
  }
  auto info = call_well(client_, api_subject("STREAM.INFO", name), nullptr);
  if (!info) return std::unexpected(told_of_open(std::move(info.error())));
  const auto end = number_at(*info, "state", "last_seq");
  // It never goes back, whatever is removed from the stream.
  if (end < end_)
    return fail(
        error_code::stream_replaced,
        client_.where().place() + ": the stream ends at record " + std::to_string(end) +
            " and ended at record " + std::to_string(end_) +
            " before: another journal lies there now, or an older copy. Restore it, or open again to use "
            "what is there.");
  end_ = end;
  return {};
}

result<void> pull_cursor::make_consumer() {
  const auto generation = client_.generation();
  const auto name = address_.consumer_prefix + std::to_string(made_ + 1);
  const auto& stream = client_.where().name;
  json config{{"name", name},
              {"deliver_policy", "by_start_sequence"},
              {"opt_start_seq", next_},
              {"ack_policy", "none"},
              {"replay_policy", "instant"},
              {"max_waiting", 2 * pulls_most},
              {"inactive_threshold", std::chrono::nanoseconds(forgotten_after).count()},
              {"num_replicas", 1},
              {"mem_storage", true}};
  auto subject = api_subject("CONSUMER.CREATE", stream) + "." + name;
  if (only_) {
    config["filter_subject"] = names_.of(*only_);
    subject += "." + names_.of(*only_);
  }
  auto made = call_well(client_, subject, {{"stream_name", stream}, {"config", std::move(config)}});
  if (!made) return std::unexpected(told_of_open(std::move(made.error())));
  ++made_;
  consumer_ = consumer{.name = name, .generation = generation, .pulls = {}};
  heard_ = clock::now();
  return {};
}

/// There was a stream when the journal was opened.
failure pull_cursor::told_of_open(failure why) const {
  if (why.kind != failure_kind::not_found) return why;
  return {error_code::stream_gone,
          client_.where().place() + ": the stream is gone from the server. Restore it, then open again."};
}

void pull_cursor::drop_consumer() {
  buffered_.clear();
  buffered_bytes_ = 0;
  if (!consumer_) return;
  client_.notify(api_subject("CONSUMER.DELETE", client_.where().name) + "." + consumer_->name);
  consumer_.reset();
}

void pull_cursor::top_up() {
  if (!consumer_) return;
  const auto now = clock::now();
  auto& pulls = consumer_->pulls;
  std::erase_if(pulls, [&](const pull& one) { return now - one.sent > pull_expires + heartbeat_every; });
  while (pulls.size() < pulls_most && buffered_bytes_ + pulls.size() * pull_bytes <= buffered_most) {
    static const auto body = json{{"batch", pull_messages},
                                  {"max_bytes", pull_bytes},
                                  {"expires", std::chrono::nanoseconds(pull_expires).count()},
                                  {"idle_heartbeat", std::chrono::nanoseconds(heartbeat_every).count()}}
                                 .dump();
    client_.notify(api_subject("CONSUMER.MSG.NEXT", client_.where().name) + "." + consumer_->name, body,
                   address_.reply_prefix + std::to_string(++last_pull_));
    pulls.push_back({last_pull_, pull_messages, now});
  }
}

// Nothing came for a while, though there is more: the consumer is gone, slow, or there is nothing between it and the
// end (numbers of removed messages and of other subjects).
void pull_cursor::ask_after_silence() {
  if (!consumer_) return;
  if (clock::now() - heard_ > silence_to_restart) return drop_consumer();
  auto info =
      call(client_, api_subject("CONSUMER.INFO", client_.where().name) + "." + consumer_->name, nullptr);
  if (!info) return;
  if (!info->ok()) return drop_consumer();
  const auto delivered = number_at(info->body, "delivered", "consumer_seq");
  const auto pending = info->body.value("num_pending", std::uint64_t{1});
  if (pending == 0 && delivered == consumer_->received && !collect(0ms)) empty_up_to_ = end_;
}

}  // namespace quipu::journal::jetstream
