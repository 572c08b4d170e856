#include "jetstream/client.hpp"

#include <algorithm>
#include <charconv>
#include <future>
#include <utility>

namespace quipu::journal::jetstream {
namespace {

using namespace std::chrono_literals;

constexpr auto first_wait = 50ms;
constexpr auto longest_wait = 1'000ms;

/// The client that this thread tends.
thread_local const client* tended_here = nullptr;

/// The number that begins at `from` and ends at the next dot, and what follows the dot.
std::pair<std::uint64_t, std::string_view> take_number(std::string_view from) {
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(from.data(), from.data() + from.size(), number);
  if (error != std::errc()) return {0, {}};
  from.remove_prefix(static_cast<std::size_t>(stop - from.data()));
  if (!from.empty()) from.remove_prefix(1);
  return {number, from};
}

}  // namespace

client::client(settings to, inspection inspect, std::vector<link::subscription> extra)
    : settings_(std::move(to)),
      inspect_(std::move(inspect)),
      extra_(std::move(extra)),
      id_(id128::random().hex()),
      inbox_("_INBOX." + id_),
      jitter_(static_cast<unsigned>(id128::random().low)) {
  sender_ = std::thread([this] { send_queued(); });
  tender_ = std::thread([this] { tend(); });
}

client::~client() {
  {
    const std::scoped_lock lock(guard_);
    closing_ = true;
  }
  changed_.notify_all();
  to_send_.notify_all();
  fail_all({.was_sent = false, .for_good = false, .why = "the journal was closed"});
  tender_.join();
  sender_.join();
  link_.reset();  // when this returns, no handler runs any more
}

// The one thread that makes and drops links. It waits for: a lost link, a deadline, the end.
void client::tend() {
  tended_here = this;
  for (;;) {
    const auto made = make_link();
    std::unique_lock lock(guard_);
    if (closing_) return;
    if (!made) {
      const bool final = made.error().kind != failure_kind::unavailable;
      trouble_ = made.error();
      if (final) phase_ = phase::broken;
      changed_.notify_all();
      auto dropped = std::exchange(link_, nullptr);
      lock.unlock();
      dropped.reset();
      fail_all({.was_sent = false, .for_good = final, .why = made.error().text, .code = made.error().code});
      if (final) return;
      wait_before_next_attempt();
      continue;
    }
    failed_attempts_ = 0;
    while (!lost_ && !closing_) {
      if (next_deadline_ == clock::time_point::max())
        changed_.wait(lock);
      else
        changed_.wait_until(lock, next_deadline_);
      expire(lock);
    }
    if (closing_) return;
    auto dropped = std::exchange(link_, nullptr);
    phase_ = phase::connecting;
    lock.unlock();
    dropped.reset();
    wait_before_next_attempt();
  }
}

result<void> client::make_link() {
  std::uint64_t attempt = 0;
  {
    const std::scoped_lock lock(guard_);
    phase_ = phase::connecting;
    lost_ = false;
    attempt = ++attempt_;
  }
  auto wanted = extra_;
  wanted.push_back({inbox_ + ".r.*", [this](const incoming& arrived) { on_reply(arrived); }});
  wanted.push_back({inbox_ + ".c.*.*", [this](const incoming& arrived) { on_delivery(arrived); }});
  auto made = link::connect(settings_, std::move(wanted),
                            [this, attempt] { lose(attempt, "the connection to the server was lost"); });
  if (!made) {
    const std::scoped_lock lock(guard_);
    // Where a login was good once, it may become so again: a password is being changed, a certificate renewed.
    if (generation_ > 0) made = fail(error_code::server_connection, std::move(made.error().text));
    return std::unexpected(std::move(made.error()));
  }
  {
    const std::scoped_lock lock(guard_);
    link_ = std::move(*made);
    phase_ = phase::inspecting;
  }
  if (inspect_)
    if (auto sound = inspect_(*this); !sound) return sound;
  const std::scoped_lock lock(guard_);
  if (lost_) return fail(error_code::server_connection, "the connection was lost while it was looked at");
  if (closing_) return {};
  phase_ = phase::ready;
  trouble_.reset();
  ++generation_;
  changed_.notify_all();
  return {};
}

void client::wait_before_next_attempt() {
  std::unique_lock lock(guard_);
  const auto most = std::min(longest_wait, first_wait * (1U << std::min(failed_attempts_++, 6U)));
  const auto jittered =
      most / 2 + std::chrono::milliseconds(jitter_() % static_cast<unsigned>(most.count() / 2 + 1));
  changed_.wait_for(lock, jittered, [this] { return closing_; });
}

void client::lose(std::uint64_t attempt, const std::string& why) {
  {
    const std::scoped_lock lock(guard_);
    if (attempt != attempt_ || lost_) return;
    lost_ = true;
    if (phase_ == phase::ready || phase_ == phase::inspecting) phase_ = phase::connecting;
  }
  changed_.notify_all();
  fail_all({.was_sent = false, .for_good = false, .why = why});
}

// `why.was_sent` is filled in for each.
void client::fail_all(no_answer why) {
  std::map<std::uint64_t, pending> open;
  {
    const std::scoped_lock lock(guard_);
    open.swap(pending_);
    queue_.clear();
    next_deadline_ = clock::time_point::max();
  }
  for (auto& [token, one] : open) {
    auto mine = why;
    mine.was_sent = one.was_sent;
    one.done(std::unexpected(std::move(mine)));
  }
}

// Gives the lock up while it tells.
void client::expire(std::unique_lock<std::mutex>& lock) {
  const auto now = clock::now();
  if (now < next_deadline_) return;
  std::vector<pending> late;
  next_deadline_ = clock::time_point::max();
  for (auto it = pending_.begin(); it != pending_.end();) {
    if (it->second.deadline <= now) {
      late.push_back(std::move(it->second));
      it = pending_.erase(it);
    } else {
      next_deadline_ = std::min(next_deadline_, it->second.deadline);
      ++it;
    }
  }
  lock.unlock();
  for (auto& one : late)
    one.done(std::unexpected(
        no_answer{one.was_sent, false,
                  "the server did not answer within " + std::to_string(one.what.within.count()) + " ms"}));
  lock.lock();
}

result<void> client::await_ready() {
  std::unique_lock lock(guard_);
  changed_.wait(lock, [this] { return generation_ > 0 || trouble_ || closing_; });
  if (trouble_) return std::unexpected(*trouble_);
  return {};
}

bool client::may_send() const {
  if (closing_) return false;
  return phase_ == phase::ready || (phase_ == phase::inspecting && tended_here == this);
}

no_answer client::closed_door() const {
  const bool for_good = phase_ == phase::broken;
  if (closing_) return {false, false, "the journal was closed"};
  if (trouble_) return {false, for_good, trouble_->text, trouble_->code};
  return {false, for_good, settings_.place() + ": not connected at this moment",
          error_code::server_connection};
}

void client::send(request what, answer_callback done) {
  std::unique_lock lock(guard_);
  if (!may_send()) {
    auto why = closed_door();
    lock.unlock();
    return done(std::unexpected(std::move(why)));
  }
  const auto token = ++last_token_;
  const auto deadline = clock::now() + what.within;
  pending_.emplace(token, pending{.what = std::move(what),
                                  .reply = inbox_ + ".r." + std::to_string(token),
                                  .done = std::move(done),
                                  .deadline = deadline});
  queue_.push_back({token, nullptr});
  const bool sooner = deadline < next_deadline_;
  if (sooner) next_deadline_ = deadline;
  lock.unlock();
  to_send_.notify_one();
  if (sooner) changed_.notify_all();
}

void client::notify(std::string subject, std::string payload, std::string reply) {
  {
    const std::scoped_lock lock(guard_);
    if (!may_send()) return;
    auto notice = std::make_unique<pending>();
    notice->what.subject = std::move(subject);
    notice->what.payload = std::make_shared<const bytes>(payload.begin(), payload.end());
    notice->reply = std::move(reply);
    queue_.push_back({0, std::move(notice)});
  }
  to_send_.notify_one();
}

std::expected<std::string, no_answer> client::ask(request what) {
  auto promise = std::make_shared<std::promise<std::expected<std::string, no_answer>>>();
  auto future = promise->get_future();
  const auto within = what.within;
  send(std::move(what), [promise, place = settings_.place()](answer got) {
    if (!got) return promise->set_value(std::unexpected(std::move(got.error())));
    const incoming& arrived = *got;
    if (!arrived.status.empty())
      return promise->set_value(
          std::unexpected(no_answer{true, false,
                                    place + ": nobody answers there (" + std::string(arrived.status) +
                                        "): is JetStream enabled on the server (nats-server -js)?"}));
    promise->set_value(std::string(as_text(arrived.data)));
  });
  // While the tender inspects nobody keeps the deadlines but itself.
  if (tended_here != this) return future.get();
  if (future.wait_for(within) == std::future_status::ready) return future.get();
  return std::unexpected(no_answer{true, false, settings_.place() + ": the server did not answer in time"});
}

void client::send_queued() {
  std::unique_lock lock(guard_);
  std::deque<unsent> mine;
  for (;;) {
    to_send_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (closing_) return;
    mine.swap(queue_);
    const auto over = link_;
    lock.unlock();
    for (auto& next : mine)
      if (over) send_one(*over, next);
    mine.clear();
    lock.lock();
  }
}

void client::send_one(link& over, unsent& next) {
  if (next.token == 0) {
    const auto& what = next.notice->what;
    over.publish(what.subject, next.notice->reply, {}, *what.payload);
    return;
  }
  // A copy of views and a shared pointer: the entry may be settled while the socket is written to.
  std::string subject;
  std::string reply;
  std::vector<header> headers;
  std::shared_ptr<const bytes> payload;
  {
    const std::scoped_lock lock(guard_);
    const auto found = pending_.find(next.token);
    if (found == pending_.end()) return;
    subject = std::move(found->second.what.subject);
    reply = found->second.reply;
    headers = std::move(found->second.what.headers);
    payload = found->second.what.payload;
    found->second.was_sent = true;
  }
  const auto how = over.publish(subject, reply, headers, payload ? bytes_view(*payload) : bytes_view());
  if (how == sent::yes) return;
  if (how == sent::no) {
    const no_answer why{false, false, settings_.place() + ": the connection would not take it",
                        error_code::server_connection};
    return settle(next.token, std::unexpected(why));
  }
  std::uint64_t attempt = 0;
  {
    const std::scoped_lock lock(guard_);
    attempt = attempt_;
  }
  lose(attempt,
       "writing to the server failed");  // half of a message may have left: this link is of no more use
}

void client::settle(std::uint64_t token, answer with) {
  answer_callback done;
  {
    const std::scoped_lock lock(guard_);
    const auto found = pending_.find(token);
    if (found == pending_.end()) return;  // its deadline passed before
    done = std::move(found->second.done);
    pending_.erase(found);
    if (pending_.empty()) next_deadline_ = clock::time_point::max();
  }
  done(std::move(with));
}

void client::on_reply(const incoming& arrived) {
  const auto token = take_number(arrived.subject.substr(inbox_.size() + 3)).first;
  settle(token, std::cref(arrived));
}

// A message keeps the subject under which it is stored and says in its reply subject which consumer it comes from; a
// status comes to the reply subject of the request that it is about.
void client::on_delivery(const incoming& arrived) {
  if (arrived.subject.starts_with(inbox_)) {
    const auto [number, tag] = take_number(arrived.subject.substr(inbox_.size() + 3));
    if (const auto box = find_mailbox(number)) box->take_status(tag, arrived);
    return;
  }
  const auto what = read_delivery(arrived.reply);
  if (!what || !what->consumer.starts_with(id_)) return;
  const auto number = take_number(what->consumer.substr(id_.size() + 1)).first;
  if (const auto box = find_mailbox(number)) box->take_message(*what, arrived);
}

std::shared_ptr<mailbox> client::find_mailbox(std::uint64_t number) {
  const std::scoped_lock lock(boxes_guard_);
  const auto found = boxes_.find(number);
  return found == boxes_.end() ? nullptr : found->second.lock();
}

mailbox_address client::register_mailbox(const std::shared_ptr<mailbox>& box) {
  const std::scoped_lock lock(boxes_guard_);
  std::erase_if(boxes_, [](const auto& entry) { return entry.second.expired(); });
  boxes_[++last_box_] = box;
  const auto number = std::to_string(last_box_);
  return {inbox_ + ".c." + number + ".", id_ + "-" + number + "-"};
}

std::uint64_t client::generation() const {
  const std::scoped_lock lock(guard_);
  return generation_;
}

std::size_t client::max_payload() const {
  const std::scoped_lock lock(guard_);
  return link_ ? link_->max_payload() : 0;
}

}  // namespace quipu::journal::jetstream
