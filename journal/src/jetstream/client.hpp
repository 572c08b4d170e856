/// Requests to JetStream over links that come and go: every request is answered exactly once, by the server, by a lost
/// link or by its deadline. One thread tends the link (connects, with growing and jittered waits, for ever; looks at
/// every new one before it may be used; keeps the deadlines), another sends, so that no caller ever waits for a socket.
#pragma once

#include <quipu/journal/failure.hpp>

#include "jetstream/delivery.hpp"
#include "jetstream/link.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace quipu::journal::jetstream {

/// Why a request has no answer.
struct no_answer {
  bool was_sent = false;  ///< it may have been carried out
  bool for_good = false;  ///< asking again is in vain: the journal at the other end is not ours any more
  std::string why;
  error_code code = error_code::server_no_answer;
};

struct request {
  std::string subject;
  std::vector<header> headers;
  std::shared_ptr<const bytes> payload;  ///< null: empty
  std::chrono::milliseconds within{patience::answer};
};

/// The message is a view that ends with the call.
using answer = std::expected<std::reference_wrapper<const incoming>, no_answer>;
using answer_callback = std::move_only_function<void(answer)>;

/// Where a consumer's messages go, for as long as somebody holds it. Called on the client's delivery thread; must not
/// block.
class mailbox {
 public:
  virtual ~mailbox() = default;
  virtual void take_message(const delivery& what, const incoming& arrived) = 0;
  /// A word of the server's about the request whose reply subject ended with `tag`.
  virtual void take_status(std::string_view tag, const incoming& arrived) = 0;
};

/// What leads to a mailbox, for a client's whole life.
struct mailbox_address {
  std::string reply_prefix;     ///< + any tag: the reply subject of a request for messages
  std::string consumer_prefix;  ///< + anything: the name of a consumer
};

/// Any thread, unless a member says otherwise.
class client {
 public:
  /// Looks at a new link, on the client's own thread; it may ask(). `unavailable`: the link is dropped and another one
  /// is made; any other failure is final. A refused login is final for the first link only.
  using inspection = std::function<result<void>(client&)>;

  /// `extra` are subscriptions that every link gets besides the client's own.
  client(settings to, inspection inspect, std::vector<link::subscription> extra = {});
  /// Answers what is open with no_answer.
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Until a link is ready. The failure is that of the first attempt that failed, or the final one.
  result<void> await_ready();

  /// The callback runs exactly once: on the client's threads, or on the caller's when there is no link.
  void send(request what, answer_callback done);
  /// Waits for the answer. Not on a thread of the client's, inspections excepted.
  std::expected<std::string, no_answer> ask(request what);
  /// Nobody answers it and nobody misses it.
  void notify(std::string subject, std::string payload = {}, std::string reply = {});

  /// Counts the links that were ready: what was on its way at another count is lost.
  std::uint64_t generation() const;
  std::size_t max_payload() const;

  mailbox_address register_mailbox(const std::shared_ptr<mailbox>& box);

  const settings& where() const { return settings_; }

 private:
  using clock = std::chrono::steady_clock;
  struct pending {
    request what;
    std::string reply;
    answer_callback done;
    clock::time_point deadline;
    bool was_sent = false;
  };
  struct unsent {
    std::uint64_t token = 0;  ///< of a pending request; 0: a notice
    std::unique_ptr<pending> notice;
  };
  enum class phase : std::uint8_t { connecting, inspecting, ready, broken };

  void tend();
  void send_queued();
  void send_one(link& over, unsent& next);
  result<void> make_link();
  void lose(std::uint64_t attempt, const std::string& why);
  void fail_all(no_answer why);
  void expire(std::unique_lock<std::mutex>& lock);
  void wait_before_next_attempt();
  void settle(std::uint64_t token, answer with);
  void on_reply(const incoming& arrived);
  void on_delivery(const incoming& arrived);
  std::shared_ptr<mailbox> find_mailbox(std::uint64_t number);
  bool may_send() const;
  no_answer closed_door() const;

  const settings settings_;
  const inspection inspect_;
  const std::vector<link::subscription> extra_;
  const std::string id_;
  const std::string inbox_;

  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::condition_variable to_send_;
  phase phase_ = phase::connecting;
  bool closing_ = false;
  bool lost_ = false;
  std::uint64_t attempt_ = 0;
  std::uint64_t generation_ = 0;
  std::shared_ptr<link> link_;
  std::optional<failure> trouble_;  ///< of the last attempt
  std::uint64_t last_token_ = 0;
  std::map<std::uint64_t, pending> pending_;
  clock::time_point next_deadline_ = clock::time_point::max();
  std::deque<unsent> queue_;
  unsigned failed_attempts_ = 0;
  std::minstd_rand jitter_;

  std::mutex boxes_guard_;
  std::uint64_t last_box_ = 0;
  std::unordered_map<std::uint64_t, std::weak_ptr<mailbox>> boxes_;

  std::thread sender_;
  std::thread tender_;
};

}  // namespace quipu::journal::jetstream
