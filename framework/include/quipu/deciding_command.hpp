/// What a command of a domain does, whoever is told of it: an author's decide and evolve behind port::command's members.
///
/// typed_command.hpp adds a handler that takes the typed answer, packed_command below one that takes its bytes.
#pragma once

#include <quipu/decision.hpp>
#include <quipu/entity_checks.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/port/command.hpp>
#include <quipu/table.hpp>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <expected>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quipu {

/// What A answers to command C.
template <class A, class C>
using reply_of = typename model::reply_to<A, C>::type;

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

/// Where a command goes, and what it is counted as: `own` bytes of object and `body` bytes of what it says.
inline void address(port::command& command, const port::entity_type& of, std::string to,
                    std::vector<header> with, std::size_t own, std::size_t body) {
  command.entity = &of;
  command.key = std::move(to);
  command.entity_hash = journal::entity_hash(of.category, command.key);
  command.headers = std::move(with);
  std::size_t sum = own + body + command.key.size();
  for (const auto& h : command.headers) sum += sizeof(header) + h.name.size() + h.value.size();
  command.bytes = static_cast<std::uint32_t>(std::min<std::size_t>(sum, UINT32_MAX));
}

/// A command C to an entity A.
template <class A, class C>
class deciding_command : public port::command {
  using R = reply_of<A, C>;
  using state_type = typename A::state;

 public:
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
      if constexpr (evolves_in_place<A, E>)
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

  const C& body() const { return body_; }

 protected:
  /// Packs the body, for its hash and size. The body holds no null. `own` is the size of the whole object.
  deciding_command(std::size_t own, const port::entity_type& of, std::string to, C body,
                   std::vector<header> with)
      : body_(std::move(body)) {
    const bytes_view packed = pack(body_);
    body_hash = model::body_hash(table_name<C>(), packed);
    address(*this, of, std::move(to), std::move(with), own, packed.size());
  }

 private:
  decision<A, R> decided(const state_type* state, const context& context) const {
    if (state == nullptr) {
      if constexpr (decides_absent<A, C>)
        return A::decide(absent{}, body_, context);
      else
        return reject("not_found", "there is no such " + std::string(A::category));
    }
    if constexpr (decides_present<A, C>)
      return A::decide(*state, body_, context);
    else
      return reject("exists", "there is such a " + std::string(A::category) + " already");
  }

  C body_;
  decision<A, R> decision_;
};

/// On top of a command (Base): its handler is called exactly once, as `h(result<answer<R>>&&)`.
template <class Base, class R, class H>
class answering : public Base {
 public:
  answering(const answering&) = delete;
  answering& operator=(const answering&) = delete;

 protected:
  template <class... Args>
  explicit answering(H handler, Args&&... args)
      : Base(std::forward<Args>(args)...), handler_(std::move(handler)) {}
  ~answering() override {
    if (!told_)
      tell(std::unexpected(error(error_code::command_given_up,
                                 "the command was given up before its outcome was known", this->id)));
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
    return {std::move(outcome), how.sequence, how.position, this->id, how.repeat};
  }

 private:
  H handler_;
  bool told_ = false;
};

/// A command that came as bytes and is answered with bytes (port::entity_type::make_command).
template <class A, class C>
class packed_command final : public answering<deciding_command<A, C>, bytes, packed_handler> {
  using base = answering<deciding_command<A, C>, bytes, packed_handler>;

 public:
  packed_command(const port::entity_type& of, std::string to, C body, std::vector<header> with,
                 packed_handler handler)
      : base(std::move(handler), sizeof(packed_command), of, std::move(to), std::move(body),
             std::move(with)) {}

  void complete(const port::completion& how) override {
    if (how.failed != nullptr || how.rejected != nullptr) return this->tell_no(how);
    this->tell(this->around(quipu::bytes(how.reply.begin(), how.reply.end()), how));
  }
};

template <class A, class C>
result<std::unique_ptr<port::command>> command_from_bytes(const port::entity_type& entity, std::string&& key,
                                                          bytes_view body, std::vector<header>&& headers,
                                                          packed_handler&& told) {
  try {
    return std::make_unique<packed_command<A, C>>(entity, std::move(key), unpack<C>(body), std::move(headers),
                                                  std::move(told));
  } catch (const port::damaged_payload& damage) {
    return std::unexpected(error(error_code::command_damaged, damage.what()));
  }
}

}  // namespace model

}  // namespace quipu
