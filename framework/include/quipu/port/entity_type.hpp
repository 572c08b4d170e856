/// The border between a domain's types and the partition core: an entity type without its types.
///
/// quipu/entity.hpp makes one from an author's struct; the core knows nothing else of a domain. Every member
/// is pure and may be called from any thread.
#pragma once

#include <quipu/context.hpp>
#include <quipu/journal/id.hpp>
#include <quipu/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::port {

/// A state of some type; only its entity type knows which.
using state_handle = std::unique_ptr<void, void (*)(void*)>;
inline state_handle no_state() {
  return {nullptr, [](void*) {}};
}

/// An event (or a state, or a reply): its FlatBuffers table's full name and the schema that describes it.
struct named_type {
  std::string name;        ///< under which it is stored
  id128 schema;            ///< schema_hash of `binary`
  bytes_view binary;       ///< the binary schema, static storage
  std::string today = {};  ///< the table's name in `binary`, where it was renamed since; empty: `name`

  const std::string& table() const { return today.empty() ? name : today; }
};

/// A command that an entity type takes, for tools that have no types of its author's.
struct command_type {
  named_type body;
  std::optional<named_type> reply;  ///< nothing where it answers "done" alone
};

/// How long an entity remembers the commands that took effect. What is past either bound is forgotten, as a
/// pure function of the entity's commits.
struct repeat_window {
  std::uint32_t count = 128;
  std::chrono::seconds age{600};
};

/// A stored buffer that does not hold: thrown by evolve() and load().
struct damaged_payload : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class command;

class entity_type {
 public:
  virtual ~entity_type() = default;

  std::string category;
  id128 fingerprint;  ///< of the state's schema and `state_version`
  std::vector<command_type> commands;
  std::vector<named_type> events;  ///< an event is named by its index here; those recorded today come first
  std::vector<named_type> replies;
  std::optional<named_type> stored_state;  ///< nothing where the author's own save() makes its bytes
  std::vector<named_type> schemas;         ///< every type that may be stored: events, replies, state
  bool takes_unknown_events = false;       ///< evolve_unknown() is there for events that are not listed
  repeat_window window;
  /// A command that is decided longer than that after the last commit finds the entity absent; 0: it lives for ever.
  std::chrono::microseconds time_to_live{0};

  /// A fresh state, before the first event.
  virtual state_handle make() const = 0;
  virtual state_handle clone(const void* state) const = 0;
  /// Applies a stored event. Throws what the author's evolve throws, and damaged_payload.
  virtual void evolve(void* state, std::uint32_t event, bytes_view payload) const = 0;
  /// Applies a stored event of a type that `events` does not name; only where takes_unknown_events.
  virtual void evolve_unknown(void* /*state*/, std::string_view type, bytes_view /*payload*/) const {
    throw std::logic_error("the entity does not take events of the unknown type " + std::string(type));
  }
  /// Appends the state's bytes to `out`.
  virtual void save(const void* state, bytes& out) const = 0;
  /// The reverse of save(). Throws damaged_payload.
  virtual state_handle load(bytes_view image) const = 0;

  /// A command from its packed body: `which` is an index into `commands`. Its body_hash is that of the same command with
  /// its types on, however the bytes were laid out. `told` is called once, as typed_command.hpp says; where this fails it is left
  /// as it is: `command.unknown`, or `command.damaged` for bytes that are no such table. The bytes are copied.
  virtual result<std::unique_ptr<command>> make_command(std::uint32_t which, std::string key, bytes_view body,
                                                        std::vector<header> headers,
                                                        packed_handler&& told) const = 0;
};

}  // namespace quipu::port
