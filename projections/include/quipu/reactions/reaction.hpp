/// A reaction: events of entities lead to commands to entities. This is how one entity speaks to another.
///
///     struct transfers {
///       static constexpr std::string_view name = "transfers";
///       using entities = quipu::types<account>;                   // whose events, old and renamed ones included
///       using events   = quipu::types<bank::TransferSentT>;       // those it reacts to; the others pass at no cost
///
///       static void on(const bank::TransferSentT& e, const quipu::envelope& from, quipu::commands& out) {
///         out.send<account>(e.to, bank::CreditT{.amount = e.amount})
///            .if_rejected<account>(from.key, bank::RefundT{.amount = e.amount});
///       }
///     };
///
/// `on` is pure: the event and its envelope are all it knows, and commands are all it makes. Each command takes effect once,
/// through crashes, repeats and copies of events; quipu/reactions/reactor.hpp runs it, docs/guide-reaction.md explains it.
/// The name is for ever: targets remember by it what they have handled.
#pragma once

#include <quipu/projections/projection.hpp>
#include <quipu/reactions/reaction_checks.hpp>
#include <quipu/reactions/reaction_type.hpp>

#include <cstdint>

namespace quipu {

/// A struct that describes a reaction. That it does so well is checked where it is used.
template <class R>
concept reaction = model::has_projection_name<R> && model::has_entities<R> && model::has_wanted_events<R> &&
                   !requires { typename R::tables; };

namespace model {

/// The reaction type of R; see reaction_type_of().
template <class R>
class typed_reaction final : public port::reaction_type {
 public:
  typed_reaction() : appliers_(*this) { name = R::name; }

  void react(std::uint32_t event, bytes_view payload, const envelope& from, commands& out) const override {
    appliers_.apply(event, payload, from, out);
  }

 private:
  event_appliers<R, commands> appliers_;
};

}  // namespace model

/// The one reaction type of R in this program: made at first use, static storage. Thread-safe.
template <class R>
const port::reaction_type& reaction_type_of() {
  static_assert(model::check_reaction<R>());
  static const model::typed_reaction<R> type;
  return type;
}

}  // namespace quipu
