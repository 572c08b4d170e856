/// Whether the code of a domain can read and apply what a journal holds.
#pragma once

#include <map>
#include <memory>
#include <quipu/journal/record.hpp>
#include <quipu/journal/schema.hpp>
#include <quipu/module.hpp>
#include <quipu/port/entity_type.hpp>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checking/fault.hpp"

namespace quipu::tool {

/// Keeps the state of every entity: its memory is theirs. One thread.
class module_check {
 public:
  struct step {
    const journal::stored_record& stored;
    const journal::record_view& view;
    const journal::commit_view& commit;
    const id128& entity;
    bool follows;  ///< the entity's events before this commit are all known
  };

  module_check(std::vector<quipu::module> modules, const std::vector<journal::stored_schema>& schemas,
               fault_sink found);

  /// Applies the commit's events to its entity, unless its state is not known: then it waits for its next beginning.
  void take(const step& what);

  std::uint64_t evolved() const { return evolved_; }
  /// Of entities without a known state, or of categories that no module has.
  std::uint64_t passed() const { return passed_; }

 private:
  struct entity {
    port::state_handle state = port::no_state();
    bool lost = false;  ///< until it ends or begins again
  };
  struct event_reader {
    std::uint32_t index = unknown;  ///< of the event among the entity type's
    bool unreadable = false;        ///< its bytes would be read wrongly
    static constexpr std::uint32_t unknown = ~std::uint32_t{0};
  };
  const port::entity_type* type_of(std::string_view category) const;
  const event_reader& reader_of(const port::entity_type& type, const journal::type_ref& event,
                                const step& at);
  bool apply(const port::entity_type& type, entity& to, const step& what);
  void report(const step& at, std::uint32_t event, std::string text, std::optional<error_code> code = {});

  const std::vector<quipu::module> modules_;
  const std::map<id128, bytes> schemas_;
  const fault_sink found_;
  std::map<std::pair<const port::entity_type*, std::pair<id128, std::string>>, event_reader> readers_;
  std::unordered_map<id128, entity> entities_;
  std::uint64_t evolved_ = 0;
  std::uint64_t passed_ = 0;
};

}  // namespace quipu::tool
