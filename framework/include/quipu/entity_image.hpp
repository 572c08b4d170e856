/// One entity, made from its commits without a runtime: for tools that look at a life, compare snapshots or try a command.
///
///     quipu::entity_image one(*domain.find("account"));
///     one.apply(record, number, commit);        // each commit of the entity, in order
///     one.state()                               // as a runtime would have it
#pragma once

#include <quipu/journal/record.hpp>
#include <quipu/port/entity_type.hpp>
#include <quipu/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace quipu {

namespace core {
struct durable_entity;
}

/// A command that took effect on an entity and whose repeat gets its original answer.
struct remembered_command {
  command_id command;
  std::uint64_t sequence = 0;  ///< of the entity after it
  quipu::position position;    ///< of its last event
  std::int64_t time_us = 0;    ///< of its commit, microseconds since the Unix epoch
};

/// Runs the author's evolve, save and load. One thread at a time.
class entity_image {
 public:
  /// An entity that never had an event. `type` must outlive the image.
  explicit entity_image(const port::entity_type& type);
  ~entity_image();
  entity_image(entity_image&&) noexcept;
  entity_image& operator=(entity_image&&) noexcept;

  /// Applies a commit of this entity; one that it has is passed over. `after` is called after each event, with its index
  /// within the commit; the end of the entity shows when apply() returns. Errors, after which the image is of no use:
  /// `event.unknown`; `entity.quarantined` where events are missing before the commit (nothing was applied: skip_to() is a
  /// way on) and where evolve throws.
  result<void> apply(const journal::record_view& in, record_number number, const journal::commit_view& commit,
                     const std::function<void(std::uint32_t)>& after = {});
  /// As if the entity had had events up to there, without their effects.
  void skip_to(std::uint64_t sequence);

  const port::entity_type& type() const { return *type_; }
  const void* state() const;  ///< null: the entity is absent
  bool exists() const { return state() != nullptr; }
  std::uint64_t sequence() const;    ///< of its last event; 0: it never had one
  quipu::position position() const;  ///< of its last event
  std::int64_t time_us() const;      ///< of its last event's commit, microseconds since the Unix epoch
  bool has_expired(std::int64_t now_us) const;  ///< its time to live is over for a command decided then

  /// The state's bytes, as a snapshot has them; empty: absent. `entity.quarantined` where the author's save throws.
  result<bytes> saved() const;
  std::vector<remembered_command> remembered() const;  ///< oldest first
  std::size_t marks() const;                           ///< of reactions' commands that it keeps

 private:
  friend class checkpoint_rebuild;
  const port::entity_type* type_;
  std::unique_ptr<core::durable_entity> made_;
};

}  // namespace quipu
