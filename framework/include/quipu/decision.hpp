/// What `decide` returns: events to record and a reply, or a rejection.
///
///     return reject("insufficient_funds");
///     return emit(bank::WithdrawnT{.amount = 5}).emit(bank::ChargedT{}).reply(balance);
///     return emit(bank::ClosedT{}).end();
///
///     decision<bank::BalanceT> d;                 // the same, for loops
///     for (...) d.emit(bank::PaidT{...});
///     d.reply(balance);
///     return d;
///
/// A domain says `using quipu::emit; using quipu::reject;` once, in the namespace of its entities.
#pragma once

#include <quipu/cxx23.hpp>

#include <quipu/context.hpp>
#include <quipu/result.hpp>
#include <quipu/types.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace quipu {

template <class A, class R>
class decision;

/// What reject() makes; becomes any decision.
struct rejecting {
  rejection why;
};

/// A domain "no". `code` is for programs and part of the domain's interface, `text` is for people and may be
/// empty.
inline rejecting reject(std::string code, std::string text = {}) {
  return {{std::move(code), std::move(text)}};
}

namespace model {

/// Stands for the reply of a chain that has none (yet).
struct no_reply {};

template <class... E>
std::variant<std::monostate, E...> variant_over(types<E...>);

}  // namespace model

/// What emit() makes: a chain of events and a reply that does not know its entity yet. It becomes a
/// decision<A, R> when it is returned; what does not fit there is a compile error that says so.
template <class Reply, class... E>
class [[nodiscard("return it from decide")]] emission {
 public:
  emission(std::tuple<E...> so_far, Reply how, bool ended)
      : events_(std::move(so_far)), reply_(std::move(how)), ended_(ended) {}

  /// Records one more event, after those before.
  template <class Next>
  emission<Reply, E..., Next> emit(Next event) && {
    return {std::tuple_cat(std::move(events_), std::tuple<Next>(std::move(event))), std::move(reply_),
            ended_};
  }
  /// The reply: a value, or a function of the state as it is after these events (a fresh one after end()).
  template <class F>
  emission<F, E...> reply(F value_or_function) && {
    static_assert(std::is_same_v<Reply, model::no_reply>,
                  "quipu: a decision has one reply: .reply() is called twice");
    return {std::move(events_), std::move(value_or_function), ended_};
  }
  /// The entity ends with these events: it is absent afterwards, and its sequence goes on should it begin
  /// again.
  emission end() && {
    static_assert(sizeof...(E) > 0, "quipu: .end() needs an event that says so: emit one first");
    ended_ = true;
    return std::move(*this);
  }

 private:
  template <class A, class R>
  friend class decision;

  std::tuple<E...> events_;
  [[no_unique_address]] Reply reply_;
  bool ended_ = false;
};

/// Records an event.
template <class E>
emission<model::no_reply, E> emit(E event) {
  return {std::tuple<E>(std::move(event)), {}, false};
}

/// Answers without recording anything: for a command that finds its work done already.
template <class F>
emission<F> reply(F value_or_function) {
  return {std::tuple<>(), std::move(value_or_function), false};
}

/// A decision of entity A, answering an R. Default: no events; with R = none that is a complete decision.
/// A plain value: no thread, no clock. The first event lies in it, further ones on the heap.
template <class A, class R = none>
class decision {
 public:
  using state = typename A::state;
  using events = typename A::events;
  using reply_type = R;

  decision() = default;
  decision(rejecting no) : rejected_(std::move(no.why)) {}  // NOLINT(google-explicit-constructor)

  template <class Reply, class... E>
  decision(emission<Reply, E...> chain) {  // NOLINT(google-explicit-constructor)
    if constexpr (sizeof...(E) > 1) more_.reserve(sizeof...(E) - 1);
    if constexpr (sizeof...(E) > 0)
      std::apply([this](E&... event) { (emit(std::move(event)), ...); }, chain.events_);
    if constexpr (std::is_same_v<Reply, model::no_reply>)
      static_assert(std::is_same_v<R, none>,
                    "quipu: the reply is missing: this decide promises one, add .reply(...)");
    else
      reply(std::move(chain.reply_));
    ended_ = chain.ended_;
  }

  /// Records one more event.
  template <class E>
  decision& emit(E event) {
    constexpr bool listed = model::contains<E, events>;
    static_assert(listed, "quipu: an event is emitted that the entity's `events` do not list");
    if constexpr (listed) {
      constexpr std::size_t alternative = 1 + model::index_of<E>(events{});
      if (first_.index() == 0)
        first_.template emplace<alternative>(std::move(event));
      else
        more_.emplace_back(std::in_place_index<alternative>, std::move(event));
    }
    return *this;
  }

  /// The reply: an R, or a function of the state as it is after the events. The last call counts.
  template <class F>
  decision& reply(F value_or_function) {
    constexpr bool computed = std::is_invocable_r_v<R, F&, const state&>;
    constexpr bool ready = std::is_convertible_v<F, R>;
    static_assert(!std::is_same_v<R, none>,
                  "quipu: the reply is not of the type that decide promises: it promises none");
    if constexpr (!std::is_same_v<R, none>) {
      static_assert(
          computed || ready,
          "quipu: the reply is not of the type that decide promises: .reply() takes an R or a function "
          "from const state& to R, where decide returns decision<R>");
      if constexpr (computed)
        reply_.template emplace<2>(std::move(value_or_function));
      else if constexpr (ready)
        reply_.template emplace<1>(std::move(value_or_function));
    }
    return *this;
  }

  /// The entity ends with these events.
  decision& end() {
    ended_ = true;
    return *this;
  }

  // For the runtime and the test kit.

  const std::optional<rejection>& rejected() const { return rejected_; }
  bool ended() const { return ended_; }
  std::size_t size() const { return first_.index() == 0 ? 0 : 1 + more_.size(); }

  /// Calls `f(index of the event's type in A::events, event)` for every event, in order.
  template <class F>
  void each_event(F&& f) const {
    if (first_.index() == 0) return;
    visit(first_, f, events{});
    for (const auto& event : more_) visit(event, f, events{});
  }

  /// The reply, given the state after the events. Throws std::logic_error where decide forgot it.
  R answer(const state& after) const {
    if constexpr (std::is_same_v<R, none>) {
      return {};
    } else {
      if (const auto* ready = std::get_if<1>(&reply_)) return *ready;
      if (const auto* computed = std::get_if<2>(&reply_)) return (*computed)(after);
      throw std::logic_error(
          "decide returned a decision without a reply, though it promises one: call .reply(...)");
    }
  }

 private:
  using slot = decltype(model::variant_over(events{}));

  template <class F, class... E>
  static void visit(const slot& which, F& f, types<E...>) {
    // One comparison an alternative: cheaper to compile than std::visit, and the lists are short.
    (void)((which.index() == 1 + model::index_of<E>(events{}) &&
            (f(model::index_of<E>(events{}), *std::get_if<1 + model::index_of<E>(events{})>(&which)),
             true)) ||
           ...);
  }

  slot first_;
  std::vector<slot> more_;
  std::variant<std::monostate, R, std::function<R(const state&)>> reply_;
  std::optional<rejection> rejected_;
  bool ended_ = false;
};

}  // namespace quipu
