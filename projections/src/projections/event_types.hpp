/// Which of a record's event types the projection wants, decided once a type.
#pragma once

#include "projections/failures.hpp"

#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/projections/projection_type.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::projecting {

/// One thread.
class event_types {
 public:
  static constexpr std::int32_t passed_by = -1;

  event_types(const port::projection_type& what, journal::journal& from) : what_(what), journal_(from) {}

  /// Number of an entity that the projection listens to; nothing for others.
  std::optional<std::uint32_t> entity(std::string_view category) const;
  /// The index of a type of that entity's events in projection_type::events, or passed_by. `projection.unknown_event` for one that
  /// the entity's program does not know, `projection.schema_change` for one that it would read wrongly. `where` names the event.
  template <class Where>
  result<std::int32_t> index_of(std::uint32_t entity, const journal::type_ref& type, const Where& where) {
    if (const auto known = known_.find({entity, type.schema}); known != known_.end()) {
      for (const auto& [name, index] : known->second)
        if (name == type.name) return index;
    }
    auto found = decide(entity, type, where());
    if (found) known_[{entity, type.schema}].emplace_back(type.name, *found);
    return found;
  }
  /// By name alone, of an event that was seen before.
  std::int32_t index_of(std::string_view category, std::string_view type) const;

 private:
  result<std::int32_t> decide(std::uint32_t entity, const journal::type_ref& type, const std::string& where);
  result<void> check_schema(const port::named_type& ours, const journal::type_ref& theirs,
                            const std::string& where);
  static std::vector<std::string_view> categories_of(const port::projection_type& what);

  const port::projection_type& what_;
  journal::journal& journal_;
  const std::vector<std::string_view> categories_ = categories_of(what_);
  std::map<std::pair<std::uint32_t, id128>, std::vector<std::pair<std::string, std::int32_t>>> known_;
};

}  // namespace quipu::projecting
