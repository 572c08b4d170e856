/// Commands with their types on: what a caller hands to the partition core.
///
/// The handler H is called as `h(quipu::result<quipu::answer<R>>&&)`, exactly once: by complete(), or by the
/// destructor with unknown_outcome. It lies in the command itself, so that one allocation is all that a
/// command costs; it runs on whatever thread completes or destroys the command, must not block and must not
/// throw.
#pragma once

#include <quipu/entity.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/port/command.hpp>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu {

namespace model {

/// Of type name and packed body, length-prefixed: the same command, the same hash, in every process and for
/// ever.
inline std::uint64_t body_hash(std::string_view type, bytes_view packed) {
  thread_local bytes text;
  text.clear();
  const auto length = static_cast<std::uint32_t>(type.size());
  for (unsigned shift = 0; shift < 32; shift += 8) text.push_back(static_cast<std::uint8_t>(length >> shift));
  text.insert(text.end(), type.begin(), type.end());
  text.insert(text.end(), packed.begin(), packed.end());
  return checksum_of(text).low;
}

/// What all commands share: where they go, and that their handler is called exactly once.
template <class A, class R, class H>
class answering_command : public port::command {
 public:
  answering_command(const answering_command&) = delete;
  answering_command& operator=(const answering_command&) = delete;

 protected:
  answering_command(std::string to, std::vector<header> with, H handler) : handler_(std::move(handler)) {
    entity = &entity_type_of<A>();
    key = std::move(to);
    entity_hash = journal::entity_hash(entity->category, key);
    headers = std::move(with);
  }
  ~answering_command() override {
    if (!told_)
      tell(std::unexpected(
          error(error_code::command_given_up, "the command was given up before its outcome was known", id)));
  }

  void tell(result<answer<R>>&& outcome) {
    assert(!told_ && "a command is completed once");
    told_ = true;
    handler_(std::move(outcome));
  }
  void tell_no(const port::completion& how) {
    if (how.failed != nullptr)
      tell(std::unexpected(*how.failed));
    else
      tell(around(std::unexpected(*how.rejected), how));
  }
  answer<R> around(std::expected<R, rejection> outcome, const port::completion& how) const {
    return {std::move(outcome), how.sequence, how.position, id, how.repeat};
  }
  void count_bytes(std::size_t own, std::size_t body) {
    std::size_t sum = own + body + key.size();
    for (const auto& h : headers) sum += sizeof(header) + h.name.size() + h.value.size();
    bytes = static_cast<std::uint32_t>(std::min<std::size_t>(sum, UINT32_MAX));
  }

 private:
  H handler_;
  bool told_ = false;
};

}  // namespace model

/// A command C to an entity A. One thread at a time.
template <class A, class C, class H>
class typed_command final : public model::answering_command<A, reply_of<A, C>, H> {
  static_assert(model::check_entity<A>());
  static_assert(model::contains<C, typename A::commands>,
                "quipu: a command is sent that the entity's `commands` do not list");
  using base = model::answering_command<A, reply_of<A, C>, H>;
  using R = reply_of<A, C>;
  using state_type = typename A::state;

 public:
  /// Packs the body, for its hash and size. The body holds no null: make_command() sees to that.
  typed_command(std::string to, C body, std::vector<header> with, H handler)
      : base(std::move(to), std::move(with), std::move(handler)), body_(std::move(body)) {
    const bytes_view packed = pack(body_);
    this->body_hash = model::body_hash(table_name<C>(), packed);
    this->count_bytes(sizeof(*this), packed.size());
  }

  void decide(const void* state, const context& context, port::decided& out) override {
    out.clear();
    decision_ = decided(static_cast<const state_type*>(state), context);
    if (decision_.rejected()) {
      out.rejected = decision_.rejected();
      return;
    }
    out.ended = decision_.ended();
    if (out.ended && decision_.size() == 0)
      throw std::logic_error("decide ends the entity without an event that says so");
    decision_.each_event([&out](std::size_t type, const auto& event) {
      const std::size_t begin = append_packed(event, out.payloads);
      out.events.push_back({static_cast<std::uint32_t>(type), static_cast<std::uint32_t>(begin),
                            static_cast<std::uint32_t>(out.payloads.size() - begin)});
    });
  }

  void evolve(void* state, const port::decided& packed) const override {
    auto next = packed.events.begin();
    decision_.each_event([&]<class E>(std::size_t, const E& event) {
      // What was packed here needs no verifying.
      const std::uint8_t* stored = packed.payload(*next++).data();
      if constexpr (model::evolves_in_place<A, E>)
        A::evolve(*static_cast<state_type*>(state), *flatbuffers::GetRoot<typename E::TableType>(stored));
      else
        A::evolve(*static_cast<state_type*>(state), event);
    });
  }

  void reply(const void* state, quipu::bytes& out) const override {
    if constexpr (!std::is_same_v<R, none>) {
      const bytes_view packed =
          pack(state != nullptr ? decision_.answer(*static_cast<const state_type*>(state))
                                : decision_.answer(state_type{}));
      out.insert(out.end(), packed.begin(), packed.end());
    }
  }

  const port::named_type* reply_type() const override {
    if constexpr (std::is_same_v<R, none>)
      return nullptr;
    else
      return &named_type_of<R>();
  }

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

  const C& body() const { return body_; }

 private:
  decision<A, R> decided(const state_type* state, const context& context) const {
    if (state == nullptr) {
      if constexpr (model::decides_absent<A, C>)
        return A::decide(absent{}, body_, context);
      else
        return reject("not_found", "there is no such " + std::string(A::category));
    }
    if constexpr (model::decides_present<A, C>)
      return A::decide(*state, body_, context);
    else
      return reject("exists", "there is such a " + std::string(A::category) + " already");
  }

  C body_;
  decision<A, R> decision_;
};

/// A read of an entity's state: answers with a copy, or rejects with "not_found". One thread at a time.
template <class A, class H>
class read_command final : public model::answering_command<A, typename A::state, H> {
  static_assert(model::check_entity<A>());
  using base = model::answering_command<A, typename A::state, H>;
  using state_type = typename A::state;

 public:
  read_command(std::string to, H handler) : base(std::move(to), {}, std::move(handler)) {
    this->reads = true;
    this->count_bytes(sizeof(*this), 0);
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
