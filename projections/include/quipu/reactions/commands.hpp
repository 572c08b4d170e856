/// What a reaction's `on` sends.
#pragma once

#include <quipu/entity.hpp>
#include <quipu/table.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace quipu {

namespace port {

/// A command without its types, and the entity it is for.
struct addressed_command {
  const entity_type* to = nullptr;
  std::uint32_t type = 0;  ///< index into to->commands
  std::string key;
  bytes body;  ///< packed
};

struct planned_command {
  addressed_command command;
  std::optional<addressed_command> if_rejected;  ///< its compensation
};

}  // namespace port

/// Gathers the commands of one event, in order. Nothing is sent before the event's transaction is durable. One thread.
class commands {
 public:
  /// A command that was named; says what is to follow from a "no".
  class sent {
   public:
    explicit sent(port::planned_command& which) : which_(which) {}
    /// Its compensation: sent to `key` when the target rejects the command (and durable before that, so that it is one or
    /// the other for ever). At most one. A compensation that is rejected itself is a dead letter.
    template <class A, class C>
    void if_rejected(std::string_view key, const C& command) {
      if (which_.if_rejected) throw std::logic_error("a command has two compensations");
      which_.if_rejected = addressed<A>(key, command);
    }

   private:
    port::planned_command& which_;
  };

  /// The target may be any entity of the runtime's domain. Throws std::invalid_argument for a command that cannot be packed
  /// (a null in a vector of tables).
  template <class A, class C>
  sent send(std::string_view key, const C& command) {
    list_.push_back({addressed<A>(key, command), std::nullopt});
    return sent(list_.back());
  }

  const std::deque<port::planned_command>& list() const { return list_; }

 private:
  template <class A, class C>
  static port::addressed_command addressed(std::string_view key, const C& command) {
    static_assert(model::check_entity<A>());
    static_assert(model::contains<C, typename A::commands>,
                  "quipu: a reaction sends a command that the entity's `commands` do not list");
    const auto packed = pack(command);
    return {&entity_type_of<A>(),
            static_cast<std::uint32_t>(model::index_of<C>(typename A::commands{})),
            std::string(key),
            {packed.begin(), packed.end()}};
  }

  std::deque<port::planned_command> list_;  // references stay
};

}  // namespace quipu
