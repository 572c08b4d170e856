/// Which command followed from which.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <set>
#include <vector>

#include "reading/record_walk.hpp"

namespace quipu::tool {

/// A commit, by where it lies and what it names; without its payloads.
struct caused_commit {
  id128 command;
  id128 cause;      ///< a command; zero: it names none
  position first;   ///< of its first event
  position source;  ///< of the event that its reaction followed; the default: no reaction sent it
  std::uint32_t events = 0;

  bool has(position event) const { return first <= event && event.value < first.value + events; }
};

/// One command of a tree. What is told by the id alone (a command that was rejected, had no events, or lies in another journal)
/// has no place.
struct cause_node {
  id128 command;
  std::optional<caused_commit> commit;
  std::size_t parent = 0;  ///< index of the node above; its own: this is the root
  std::size_t depth = 0;
};

/// The whole tree around a command: from its first cause down to all that followed, parents before children, siblings in the
/// journal's order. Empty: the journal knows nothing of the command.
/// Reads the journal once, twice where the first cause was caused by nothing; keeps some 60 bytes for each command that names
/// a cause.
class cause_tree {
 public:
  cause_tree(journal::journal& in, record_number first, record_number last, output& out)
      : journal_(in), first_(first), last_(last), out_(out) {}

  std::vector<cause_node> around(const id128& command);
  exit_code outcome() const { return outcome_; }

 private:
  void gather(const id128& asked);
  std::vector<caused_commit> find(const id128& command);
  std::optional<caused_commit> at(position event);
  id128 above(const caused_commit& commit);
  void add_below(std::vector<cause_node>& tree, std::size_t parent);

  journal::journal& journal_;
  record_number first_;
  record_number last_;
  output& out_;
  exit_code outcome_ = exit_code::done;
  std::vector<caused_commit> caused_;  ///< in the journal's order: those that name a cause, and the asked one
  std::vector<std::size_t> by_cause_;  ///< indices into caused_, by the command that they name
  std::vector<std::size_t> by_source_;   ///< indices of those that name an event alone, by its position
  std::vector<std::size_t> by_command_;  ///< indices, by their own id
  std::set<position> seen_;              ///< what stands in the tree: nobody's own ancestor does so twice
};

}  // namespace quipu::tool
