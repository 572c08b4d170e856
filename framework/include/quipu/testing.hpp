/// Tests of a domain without a runtime: given events, when a command, then events, reply or rejection.
///
///     using quipu::testing::given;
///     given<account>({bank::OpenedT{.owner = "ada"}, bank::DepositedT{.amount = 70}})
///         .when(bank::WithdrawT{.amount = 50})
///         .then({bank::WithdrawnT{.amount = 50}})
///         .replies(bank::BalanceT{.amount = 20});
///     given<account>().when(bank::WithdrawT{.amount = 50}).rejects("not_found");
///     given<cart>({...}).after(25h).when(...)     // of an entity with a time to live
///
/// What does not hold throws quipu::testing::failure, whose what() shows the difference as JSON: every test
/// framework (and plain main) reports it. After .quietly() nothing throws: the outcome converts to bool and
/// keeps the message. Everything takes the ways of production: events are packed and verified before
/// evolve sees them.
#pragma once

#include <quipu/testing/json_diff.hpp>
#include <quipu/typed_command.hpp>

#include <chrono>
#include <exception>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::testing {

/// What a domain test found. The text is for people.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What decide sees beside state and command. The defaults are fixed, so that a test says the same every day.
struct circumstances {
  context::time_point time = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
  std::string key = "test";
  command_id command{0, 1};
  std::vector<header> headers;
};

/// An object packed together with what is needed to show it.
struct packed_object {
  const port::named_type* type = nullptr;
  bytes payload;

  template <described_table T>
  static packed_object of(const T& object) {
    const bytes_view packed = pack(object);
    return {&named_type_of<T>(), {packed.begin(), packed.end()}};
  }
  std::vector<std::string> lines() const {
    auto reader = journal::schema_reader::open(bytes(type->binary.begin(), type->binary.end()));
    if (!reader) return {type->name + " (" + reader.error().text + ")"};
    const auto json = reader->to_json(type->table(), payload);
    auto lines = json_lines(json ? *json : "(" + json.error().text + ")");
    lines.front() = type->name + " " + lines.front();
    return lines;
  }
  friend bool operator==(const packed_object& a, const packed_object& b) {
    return a.type->name == b.type->name && a.payload == b.payload;
  }
};

inline std::string diff(const std::vector<packed_object>& expected,
                        const std::vector<packed_object>& actual) {
  std::vector<std::string> left;
  std::vector<std::string> right;
  for (const auto& object : expected)
    for (auto& line : object.lines()) left.push_back(std::move(line));
  for (const auto& object : actual)
    for (auto& line : object.lines()) right.push_back(std::move(line));
  return diff_lines(left, right);
}

/// Any event that A lists, old ones included: a past may hold them.
template <class A>
class event_of {
  using old_list = typename model::old_events_of<A>::type;

 public:
  template <table_object E>
  event_of(const E& event) {  // NOLINT(google-explicit-constructor)
    constexpr bool today = model::contains<E, typename A::events>;
    constexpr bool once = model::contains<E, old_list>;
    static_assert(today || once, "quipu: the entity's `events` and `old_events` do not list this event");
    if constexpr (today || once) {
      index_ = static_cast<std::uint32_t>(today ? model::index_of<E>(typename A::events{})
                                                : A::events::size + model::index_of<E>(old_list{}));
      packed_ = packed_object::of(event);
    }
  }
  std::uint32_t index() const { return index_; }
  const packed_object& packed() const { return packed_; }

 private:
  std::uint32_t index_ = 0;
  packed_object packed_;
};

/// What a command came to. Every check returns the outcome, so that checks chain; a failed one throws (see
/// quietly()).
template <class A, class C>
class outcome {
  using R = reply_of<A, C>;
  using state_type = typename A::state;

 public:
  /// Exactly these events, in this order; {} where the command records nothing (and was not rejected).
  outcome& then(std::initializer_list<event_of<A>> expected) & {
    if (!expect_accepted("then")) return *this;
    std::vector<packed_object> wanted;
    for (const auto& event : expected) wanted.push_back(event.packed());
    if (wanted != events_)
      complain("then: the events differ (- expected, + recorded)\n" + diff(wanted, events_));
    return *this;
  }
  /// This reply. An R is compared as a whole; see reply() for looking at parts of it.
  outcome& replies(const R& expected) &
      requires(!std::is_same_v<R, none>) {
        if (!expect_accepted("replies")) return *this;
        const auto wanted = packed_object::of(expected);
        const packed_object actual{&named_type_of<R>(), reply_};
        if (!(wanted == actual))
          complain("replies: the reply differs (- expected, + replied)\n" + diff({wanted}, {actual}));
        return *this;
      }
      /// A rejection with this code.
      outcome& rejects(std::string_view code) & {
    if (!rejected_)
      complain("rejects: expected a rejection \"" + std::string(code) + "\", but it was accepted with\n" +
               diff({}, events_));
    else if (rejected_->code != code)
      complain("rejects: expected \"" + std::string(code) + "\", but it is " + describe(*rejected_));
    return *this;
  }
  /// Accepted, whatever the events are.
  outcome& accepts() & {
    expect_accepted("accepts");
    return *this;
  }
  /// Accepted, and the entity has ended.
  outcome& ends() & {
    if (expect_accepted("ends") && !ended_) complain("ends: the entity goes on");
    return *this;
  }
  /// Accepted, and the state is this one afterwards.
  outcome& leaves(const state_type& expected) &
      requires(!model::saves_itself<A>) {
        if (!expect_accepted("leaves")) return *this;
        const auto wanted = packed_object::of(expected);
        const auto actual = packed_object::of(state_);
        if (!(wanted == actual))
          complain("leaves: the state differs (- expected, + actual)\n" + diff({wanted}, {actual}));
        return *this;
      }

      outcome&& then(std::initializer_list<event_of<A>> expected) && {
    return std::move(then(expected));
  }
  outcome&& replies(const R& expected) && requires(!std::is_same_v<R, none>) {
    return std::move(replies(expected));
  } outcome&& rejects(std::string_view code) && {
    return std::move(rejects(code));
  }
  outcome&& accepts() && { return std::move(accepts()); }
  outcome&& ends() && { return std::move(ends()); }
  outcome&& leaves(const state_type& expected) && { return std::move(leaves(expected)); }

  /// From here on a failed check is kept in message() and nothing is thrown.
  outcome& quietly() & {
    quiet_ = true;
    return *this;
  }
  outcome&& quietly() && { return std::move(quietly()); }
  /// Whether every check so far held.
  explicit operator bool() const { return message_.empty(); }
  const std::string& message() const { return message_; }

  /// The state after the events; as it was, where the command was rejected.
  const state_type& state() const { return state_; }
  const std::optional<rejection>& rejected() const { return rejected_; }
  /// The reply. Throws port::damaged_payload where there is none.
  R reply() const
    requires(!std::is_same_v<R, none>)
  {
    return unpack<R>(reply_);
  }

 private:
  template <class>
  friend class history;

  static std::string describe(const rejection& no) {
    return "rejected with \"" + no.code + "\"" + (no.text.empty() ? "" : " (" + no.text + ")");
  }
  bool expect_accepted(const char* check) {
    if (rejected_) complain(std::string(check) + ": the command was " + describe(*rejected_));
    return !rejected_;
  }
  void complain(const std::string& what) {
    const std::string text = story_ + what;
    if (!quiet_) throw failure(text);
    message_ += (message_.empty() ? "" : "\n") + text;
  }

  std::string story_;  // "given 2 events, when bank.Withdraw: "
  std::string message_;
  bool quiet_ = false;
  std::optional<rejection> rejected_;
  std::vector<packed_object> events_;
  bytes reply_;
  bool ended_ = false;
  state_type state_{};
};

/// An entity with a past; made by given().
template <class A>
class history {
  static_assert(model::check_entity<A>());
  using state_type = typename A::state;

 public:
  explicit history(std::initializer_list<event_of<A>> past)
      : state_(entity_type_of<A>().make()), sequence_(past.size()) {
    for (const auto& event : past)
      entity_type_of<A>().evolve(state_.get(), event.index(), event.packed().payload);
    present_ = sequence_ > 0;
  }

  /// The past ended the entity: it is absent, and its sequence goes on.
  history&& ended() && {
    present_ = false;
    state_ = entity_type_of<A>().make();
    return std::move(*this);
  }

  /// So much time passes: past its time to live the entity is absent, and its sequence goes on. What is decided next has
  /// circumstances::time and this on top of it.
  history&& after(std::chrono::microseconds time) && {
    waited_ += time;
    const auto lives = entity_type_of<A>().time_to_live;
    return lives.count() != 0 && waited_ > lives ? std::move(*this).ended() : std::move(*this);
  }

  /// Decides a command. Throws what the author's decide and evolve throw.
  template <class C>
  outcome<A, C> when(C command, const circumstances& how = {}) const {
    outcome<A, C> seen;
    seen.story_ = "given " + std::to_string(sequence_) + (sequence_ == 1 ? " event" : " events") + ", when " +
                  table_name<C>() + ": ";
    seen.state_ = model::copy_of<A>(*static_cast<const state_type*>(state_.get()));
    const auto untold = [](const auto&) {};
    typed_command<A, C, decltype(untold)> asked(how.key, std::move(command), how.headers, untold);
    asked.id = how.command;
    port::decided decided;
    const context around(how.time + waited_, how.command, asked.key, sequence_, asked.headers);
    asked.decide(present_ ? state_.get() : nullptr, around, decided);
    seen.rejected_ = decided.rejected;
    if (seen.rejected_) return seen;

    seen.ended_ = decided.ended;
    const auto& type = entity_type_of<A>();
    const port::state_handle replayed = type.clone(state_.get());
    asked.evolve(&seen.state_, decided);
    for (const auto& event : decided.events) {
      const bytes_view payload = decided.payload(event);
      seen.events_.push_back({&type.events[event.type], {payload.begin(), payload.end()}});
      type.evolve(replayed.get(), event.type, payload);
    }
    bytes live_image;
    bytes replayed_image;
    try {
      type.save(&seen.state_, live_image);
      type.save(replayed.get(), replayed_image);
    } catch (const std::exception& why) {
      seen.complain(std::string("the state cannot be saved: ") + why.what());
    }
    if (live_image != replayed_image)
      seen.complain(
          "evolve came to another state when it saw the same events again: it must depend on nothing else");
    const bool present_after = !seen.ended_ && (present_ || !decided.events.empty());
    asked.reply(present_after ? &seen.state_ : nullptr, seen.reply_);
    return seen;
  }

 private:
  port::state_handle state_;
  std::uint64_t sequence_ = 0;
  bool present_ = false;
  std::chrono::microseconds waited_{0};
};

/// An entity that recorded these events. No events: it is absent.
template <class A>
  requires(!requires { typename A::entities; })  // of projections and reactions: their own testing.hpp
history<A> given(std::initializer_list<event_of<A>> past = {}) {
  return history<A>(past);
}

}  // namespace quipu::testing
