/// A desk that sends numbers to boxes, a reaction that carries them, and boxes that behave as a test tells them to.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/domain.hpp>
#include <quipu/reactions/reaction.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "relay_quipu.hpp"

namespace quipu::test {

/// What goes wrong, by number. Thread-safe.
class mischief {
 public:
  void clear() {
    const std::scoped_lock lock(guard_);
    refused_.clear();
    refused_once_.clear();
    thrown_.clear();
    unread_.clear();
    gate_open_ = true;
    changed_.notify_all();
  }
  void refuse(std::set<std::int64_t> which) { set(refused_, std::move(which)); }  ///< the target rejects it
  void refuse_once(std::set<std::int64_t> which) { set(refused_once_, std::move(which)); }
  void throw_at(std::set<std::int64_t> which) {
    set(thrown_, std::move(which));
  }  ///< the target's decide throws
  void unreadable(std::set<std::int64_t> which) {
    set(unread_, std::move(which));
  }  ///< the reaction's `on` throws
  /// The target waits there, on a thread of the runtime.
  void shut_gate_for(std::int64_t number) {
    const std::scoped_lock lock(guard_);
    gate_open_ = false;
    held_ = number;
    waiting_ = false;
  }
  void open_gate() {
    const std::scoped_lock lock(guard_);
    gate_open_ = true;
    changed_.notify_all();
  }
  void await_waiting() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [&] { return waiting_; });
  }

  // What the domain asks.
  bool refuses(std::int64_t number) {
    const std::scoped_lock lock(guard_);
    return refused_.contains(number) || refused_once_.erase(number) > 0;
  }
  bool throws(std::int64_t number) const { return has(thrown_, number); }
  bool unread(std::int64_t number) const { return has(unread_, number); }
  void pass_gate(std::int64_t number) {
    std::unique_lock lock(guard_);
    if (gate_open_ || number != held_) return;
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return gate_open_; });
  }

 private:
  using numbers = std::set<std::int64_t>;
  void set(numbers& list, numbers which) {
    const std::scoped_lock lock(guard_);
    list = std::move(which);
  }
  bool has(const numbers& list, std::int64_t number) const {
    const std::scoped_lock lock(guard_);
    return list.contains(number);
  }
  mutable std::mutex guard_;
  std::condition_variable changed_;
  numbers refused_, refused_once_, thrown_, unread_;
  bool gate_open_ = true;
  bool waiting_ = false;
  std::int64_t held_ = 0;
};
inline mischief the_mischief;

struct desk {
  static constexpr std::string_view category = "desk";
  using state = relay::NumbersT;  // what came back
  using commands = types<relay::SendT, relay::GiveBackT>;
  using events = types<relay::SentT, relay::GivenBackT>;
  template <class S>
  static decision<desk> send(const S&, const relay::SendT& c) {
    return emit(relay::SentT{.to = c.to, .number = c.number, .back = c.back, .poison = c.poison});
  }
  static decision<desk> decide(absent a, const relay::SendT& c, const context&) { return send(a, c); }
  static decision<desk> decide(const state& s, const relay::SendT& c, const context&) { return send(s, c); }
  static decision<desk> decide(const state&, const relay::GiveBackT& c, const context&) {
    if (the_mischief.refuses(-c.number)) return reject("closed");
    return emit(relay::GivenBackT{.number = c.number});
  }
  static void evolve(state&, const relay::SentT&) {}
  static void evolve(state& s, const relay::GivenBackT& e) { s.list.push_back(e.number); }
};

struct box {
  static constexpr std::string_view category = "box";
  using state = relay::NumbersT;  // in the order in which they were taken
  using commands = types<relay::TakeT>;
  using events = types<relay::TakenT>;
  static decision<box> decide(absent, const relay::TakeT& c, const context& about) {
    return decide(state{}, c, about);
  }
  static decision<box> decide(const state&, const relay::TakeT& c, const context&) {
    the_mischief.pass_gate(c.number);
    if (the_mischief.throws(c.number)) throw std::runtime_error("no room for " + std::to_string(c.number));
    if (the_mischief.refuses(c.number)) return reject("unwanted", "of " + std::to_string(c.number));
    return emit(relay::TakenT{.number = c.number, .poison = c.poison});
  }
  static void evolve(state& s, const relay::TakenT& e) {
    s.list.push_back(e.number);
    if (e.poison) throw std::runtime_error("evolve had enough");
  }
};

struct carrier {
  static constexpr std::string_view name = "carrier";
  using entities = types<desk>;
  using events = types<relay::SentT>;
  static void on(const relay::SentT& e, const envelope& from, quipu::commands& out) {
    if (the_mischief.unread(e.number)) throw std::runtime_error("cannot read " + std::to_string(e.number));
    auto sent = out.send<box>(e.to, relay::TakeT{.number = e.number, .poison = e.poison});
    if (e.back) sent.if_rejected<desk>(from.key, relay::GiveBackT{.number = e.number});
  }
};

inline const domain& relay_domain() {
  static const domain one{"relay", entities<desk, box>};
  return one;
}

}  // namespace quipu::test
