/// Tests of a reaction without a journal: given events, then commands.
///
///     using quipu::testing::given, quipu::testing::of, quipu::testing::sent;
///     given<transfers>({of("ada", bank::TransferSentT{.to = "bob", .amount = 30})})
///         .sends({sent<account>("bob", bank::CreditT{.amount = 30})
///                     .if_rejected<account>("ada", bank::RefundT{.amount = 30})});
///
/// An event without of() is the entity's "test". What does not hold throws quipu::testing::failure, whose what() shows the
/// difference as JSON. Events are packed, verified and unpacked as in production.
#pragma once

#include <quipu/projections/testing.hpp>
#include <quipu/reactions/reaction.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::testing {

/// A command that is expected; made by sent().
class expected_command {
 public:
  explicit expected_command(port::planned_command what) : what_(std::move(what)) {}
  template <class A, class C>
  expected_command if_rejected(std::string_view key, const C& command) && {
    commands both;
    both.send<A>(key, command);
    what_.if_rejected = both.list().front().command;
    return std::move(*this);
  }
  const port::planned_command& planned() const { return what_; }

 private:
  port::planned_command what_;
};
template <class A, class C>
expected_command sent(std::string_view key, const C& command) {
  commands one;
  one.send<A>(key, command);
  return expected_command(one.list().front());
}

/// What a reaction sent for some events; made by given().
template <class R>
class reacted {
 public:
  using given_event = event_for<R, &reaction_type_of<R>>;

  explicit reacted(std::initializer_list<given_event> events) {
    const auto& type = reaction_type_of<R>();
    std::map<std::pair<std::string, std::string>, std::uint64_t> sequences;
    std::uint64_t records = 0;
    for (const auto& event : events) {
      const auto& known = type.events[event.index];
      ++records;
      const envelope from{.category = known.category,
                          .key = event.key,
                          .sequence = ++sequences[{known.category, event.key}],
                          .position = position::of(records, 0),
                          .time = circumstances{}.time + std::chrono::seconds(records - 1),
                          .command = {0, records}};
      if (known.wanted) type.react(event.index, event.payload, from, out_);
    }
  }

  /// Exactly these, in this order.
  reacted& sends(std::initializer_list<expected_command> expected) & {
    std::vector<std::string> left;
    std::vector<std::string> right;
    for (const auto& one : expected) show(one.planned(), left);
    for (const auto& one : out_.list()) show(one, right);
    if (left != right)
      throw failure("sends: the commands differ (- expected, + sent)\n" + diff_lines(left, right));
    return *this;
  }
  reacted&& sends(std::initializer_list<expected_command> expected) && { return std::move(sends(expected)); }

 private:
  static void show(const port::planned_command& what, std::vector<std::string>& lines) {
    show("", what.command, lines);
    if (what.if_rejected) show("if rejected: ", *what.if_rejected, lines);
  }
  static void show(const char* when, const port::addressed_command& what, std::vector<std::string>& lines) {
    auto text = packed_object{&what.to->commands[what.type].body, what.body}.lines();
    text.front() = when + what.to->category + "/" + journal::escape_key(what.key) + " " + text.front();
    for (auto& line : text) lines.push_back(std::move(line));
  }

  commands out_;
};

/// The reaction R after these events.
template <class R>
  requires(
      requires { typename R::entities; } && !requires { typename R::tables; })
reacted<R> given(std::initializer_list<typename reacted<R>::given_event> events = {}) {
  return reacted<R>(events);
}

}  // namespace quipu::testing
