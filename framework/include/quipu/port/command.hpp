/// The border between a caller and the partition core: one command on its way, without its types.
#pragma once

#include <quipu/context.hpp>
#include <quipu/journal/command_source.hpp>
#include <quipu/port/entity_type.hpp>
#include <quipu/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quipu::port {

/// What a decision comes to, in bytes. Reused from command to command: decide() clears it first.
struct decided {
  struct event {
    std::uint32_t type = 0;    ///< index into entity_type::events
    std::uint32_t offset = 0;  ///< of its payload in `payloads`, 8-byte aligned
    std::uint32_t size = 0;
  };
  std::optional<rejection> rejected;
  std::vector<event> events;
  bytes payloads;
  bool ended = false;

  void clear() {
    rejected.reset();
    events.clear();
    payloads.clear();
    ended = false;
  }
  bytes_view payload(const event& e) const { return bytes_view(payloads).subspan(e.offset, e.size); }
};

/// How a command ended; views are valid during complete() only.
struct completion {
  const error* failed = nullptr;        ///< set: no answer
  const rejection* rejected = nullptr;  ///< set: the domain said no
  bytes_view reply;                     ///< the packed reply; empty where the command has none
  std::uint64_t sequence = 0;
  quipu::position position;
  bool repeat = false;
};

/// One command (or read), allocated once by the caller and owned by whoever works on it. The core calls
/// decide, then (if it emitted events) evolve, then reply; a command that has to be decided anew goes through
/// all three again.
class command {
 public:
  virtual ~command() = default;

  // Set by the caller, read by the core.
  const entity_type* entity = nullptr;
  std::string key;
  std::uint64_t entity_hash = 0;
  command_id id;
  bool fresh = false;            ///< the id was made for this very ask: it cannot be a repeat
  bool reads = false;            ///< never emits: no id, no window
  std::uint64_t body_hash = 0;   ///< of the command's type name and packed body
  std::uint32_t bytes = 0;       ///< what admission counts it as
  std::int64_t deadline_us = 0;  ///< microseconds of the host's timer (core::moment); 0: none
  std::optional<std::uint64_t> expected_sequence;
  std::vector<header> headers;
  id128 trace;
  id128 causation;
  std::optional<command_source> source;  ///< of a reaction's command
  bool told = false;                     ///< complete() was called; kept by the core

  /// Decides against the newest state (null: the entity is absent). Throws what the author's decide throws. A
  /// missing overload becomes a rejection, "not_found" or "exists". Keeps the decision for evolve() and
  /// reply().
  virtual void decide(const void* state, const context& context, decided& out) = 0;
  /// Applies the decision's events; `packed` is what decide() made of them. Throws what the author's evolve throws.
  virtual void evolve(void* state, const decided& packed) const = 0;
  /// Appends the packed reply to `out`, computed from the state after the events (null: absent or ended; the
  /// reply then sees a fresh state). Appends nothing where the command has no reply.
  virtual void reply(const void* state, quipu::bytes& out) const = 0;
  /// The type of what reply() appends; null where the command has none.
  virtual const named_type* reply_type() const = 0;

  /// Tells the caller. The core calls it at most once; a command that is destroyed without tells "unknown
  /// outcome". Runs on a thread of the runtime, must not block and must not throw.
  virtual void complete(const completion& how) = 0;
};

}  // namespace quipu::port
