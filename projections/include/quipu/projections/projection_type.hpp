/// The border between an author's projection and the projector: a projection without its types.
#pragma once

#include <quipu/port/entity_type.hpp>
#include <quipu/projections/envelope.hpp>
#include <quipu/projections/rows.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::port {

/// One stored table: rows of a type, or a further key of the table before it (rows without content).
struct projection_table {
  std::string name;
  named_type row;
  bool further = false;
  std::string key =
      {};  ///< what its keys are made of, in the words of key_shape; of a further key: without the row's own
};

/// An event type of an entity that the projection listens to, by the name under which it is stored.
struct projection_event {
  std::string category;
  named_type type;
  bool wanted = false;  ///< false: the entity's program knows it, the projection passes it by
};

/// Every member is pure and may be called from any thread.
class projection_type {
 public:
  virtual ~projection_type() = default;

  std::string name;
  std::uint32_t version = 0;
  id128 fingerprint;  ///< of the version, the tables and their rows' shapes
  std::vector<projection_table> tables;
  std::vector<projection_event> events;  ///< an event is named by its index here
  /// Categories whose entity takes events of unknown types: the projection passes them by instead of stopping.
  std::vector<std::string> takes_unknown_events;
  /// It is a reaction_type: its rows are commands to be sent. Never replayed; nobody follows it but quipu::react().
  bool sends_commands = false;

  /// Applies a wanted event. Throws what the author's `on` throws, damaged_payload, and row_trouble.
  virtual void apply(std::uint32_t event, bytes_view payload, const envelope& from, rows& into) const = 0;
};

}  // namespace quipu::port
