/// States as JSON, by the schema that a module carries.
#pragma once

#include <optional>
#include <quipu/entity_image.hpp>
#include <quipu/journal/schema.hpp>
#include <quipu/port/entity_type.hpp>
#include <string>
#include <vector>

#include "reading/json_changes.hpp"

namespace quipu::tool {

/// A state to show. Absent: JSON null, and no reason.
struct shown_state {
  json state;          ///< null where there is none, or it is not known
  std::string reason;  ///< why it is not known
  bool known() const { return reason.empty(); }
};

/// One thread.
class state_reader {
 public:
  explicit state_reader(const port::entity_type& type);
  /// Bytes as port::entity_type::save makes them. A state of the author's own format is {"bytes": HEX}.
  shown_state show(bytes_view saved);
  shown_state show(const entity_image& entity);

 private:
  const port::entity_type& type_;
  std::optional<journal::schema_reader> reader_;
  std::string trouble_;
};

/// The states that an entity goes through, commit by commit.
class entity_states {
 public:
  explicit entity_states(const port::entity_type& type) : reader_(type), image_(type) {}

  struct step {
    shown_state after;
    bool certain = true;  ///< false: events before this one are missing
    std::vector<json_change> changes;
  };
  /// One step an event. The last shows what is left after the commit: nothing, where it ended the entity.
  std::vector<step> apply(const journal::record_view& in, record_number number,
                          const journal::commit_view& commit);
  /// The first `events` events of a commit, for a look that ends in the middle of it. Nothing comes after that.
  std::vector<step> apply(const journal::record_view& in, record_number number,
                          const journal::commit_view& commit, std::uint32_t events);

  const entity_image& image() const { return image_; }
  bool certain() const { return certain_; }
  /// Why the state is not known; empty where it is.
  const std::string& lost() const { return lost_; }

 private:
  void begin_anew(std::uint64_t sequence);
  step look(shown_state now);

  state_reader reader_;
  entity_image image_;
  shown_state last_;  ///< of the step before
  bool certain_ = true;
  std::string lost_;
};

}  // namespace quipu::tool
