/// Commands with their types on: what a caller hands to the partition core.
///
/// The handler H is called as `h(quipu::result<quipu::answer<R>>&&)`, exactly once: by complete(), or by the
/// destructor with unknown_outcome. It lies in the command itself, so that one allocation is all that a
/// command costs; it runs on whatever thread completes or destroys the command, must not block and must not
/// throw.
#pragma once

#include <quipu/deciding_command.hpp>
#include <quipu/entity.hpp>
#include <quipu/port/command.hpp>

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quipu {

/// A command C to an entity A. One thread at a time.
template <class A, class C, class H>
class typed_command final : public model::answering<model::deciding_command<A, C>, reply_of<A, C>, H> {
  static_assert(model::check_entity<A>());
  static_assert(model::contains<C, typename A::commands>,
                "quipu: a command is sent that the entity's `commands` do not list");
  using base = model::answering<model::deciding_command<A, C>, reply_of<A, C>, H>;
  using R = reply_of<A, C>;

 public:
  /// Packs the body, for its hash and size. The body holds no null: make_command() sees to that.
  typed_command(std::string to, C body, std::vector<header> with, H handler)
      : base(std::move(handler), sizeof(typed_command), entity_type_of<A>(), std::move(to), std::move(body),
             std::move(with)) {}

  void complete(const port::completion& how) override {
    if (how.failed != nullptr || how.rejected != nullptr) return this->tell_no(how);
    if constexpr (std::is_same_v<R, none>) {
      this->tell(this->around(none{}, how));
    } else {
      try {
        this->tell(this->around(unpack<R>(how.reply), how));
      } catch (const port::damaged_payload& damage) {
        this->tell(std::unexpected(error(
            error_code::reply_damaged,
            std::string("the command took effect; its reply cannot be read: ") + damage.what(), this->id)));
      }
    }
  }
};

/// A read of an entity's state: answers with a copy, or rejects with "not_found". One thread at a time.
template <class A, class H>
class read_command final : public model::answering<port::command, typename A::state, H> {
  static_assert(model::check_entity<A>());
  using base = model::answering<port::command, typename A::state, H>;
  using state_type = typename A::state;

 public:
  read_command(std::string to, H handler) : base(std::move(handler)) {
    this->reads = true;
    model::address(*this, entity_type_of<A>(), std::move(to), {}, sizeof(*this), 0);
  }

  void decide(const void* state, const context&, port::decided& out) override {
    out.clear();
    copy_.reset();
    // The copy goes to the caller as it is: a read stores nothing, so its reply needs no bytes.
    if (state != nullptr)
      copy_.emplace(model::copy_of<A>(*static_cast<const state_type*>(state)));
    else
      out.rejected = rejection{"not_found", "there is no such " + std::string(A::category)};
  }
  void evolve(void*, const port::decided&) const override {}
  void reply(const void*, quipu::bytes&) const override {}
  const port::named_type* reply_type() const override { return nullptr; }

  void complete(const port::completion& how) override {
    if (how.failed != nullptr || how.rejected != nullptr) return this->tell_no(how);
    assert(copy_ && "a read completes after it was decided");
    this->tell(this->around(std::move(*copy_), how));
  }

 private:
  std::optional<state_type> copy_;
};

/// Makes a command, ready but for what the runtime fills in (id, fresh, deadline, expected sequence, trace).
/// A body that cannot be packed is told to the handler at once, as `invalid`; there is no command then: null.
template <class A, class C, class H>
std::unique_ptr<typed_command<A, C, H>> make_command(std::string key, C body, H handler,
                                                     std::vector<header> headers = {}) {
  static_assert(model::check_entity<A>());
  if (auto where = quipu_find_null(body); !where.empty()) {
    handler(result<answer<reply_of<A, C>>>(
        std::unexpected(error(error_code::command_null, std::string(table_name<C>()) + ": " + where))));
    return nullptr;
  }
  return std::make_unique<typed_command<A, C, H>>(std::move(key), std::move(body), std::move(headers),
                                                  std::move(handler));
}

}  // namespace quipu
