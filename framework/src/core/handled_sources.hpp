/// Which commands of reactions took effect on one entity: what tells a repeat of one for as long as one may come.
#pragma once

#include <quipu/journal/command_source.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quipu::core {

/// Of each reaction a lane: a position up to which all is settled, and the marks of what took effect beyond it. Bounded
/// by what reactions have under way, and not by time. A pure function of the entity's commits (docs/adr/0006).
class handled_sources {
 public:
  /// More of them than any reaction that settles needs: past these bounds has_room() says no.
  static constexpr std::size_t most_marks = 65'536;  ///< of a lane
  static constexpr std::size_t most_lanes = 256;

  /// Whether the command took effect, or was settled otherwise.
  bool knows(const command_source& source) const;
  /// Whether a new command with this source may take effect, once what it says to be settled is forgotten.
  bool has_room(const command_source& source) const;
  /// The command took effect. Bounds are not looked at: what is in the journal happened.
  void add(const command_source& source);

  std::size_t marks() const;
  /// Appends bytes for load().
  void save(bytes& out) const;
  /// The reverse; false for bytes that save() does not make, and nothing has changed then.
  bool load(bytes_view saved);

 private:
  struct mark {
    position at;
    std::uint16_t index = 0;
    friend auto operator<=>(const mark&, const mark&) = default;
  };
  struct lane {
    std::uint64_t reaction = 0;
    position settled;
    std::vector<mark> beyond;  // ascending
  };
  const lane* find(std::uint64_t reaction) const;

  std::vector<lane> lanes_;  // in the order in which they came
};

}  // namespace quipu::core
