/// A record's tables of strings and types: what repeats is written once and named by index.
#pragma once

#include <quipu/journal/record.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::journal {

/// Texts, each with an id, by index. Reused: clear() keeps the memory, so that a steady writer never
/// allocates. Only the newest entries are searched: a client that sends thousands of different header names
/// gets entries that repeat (which the format allows) and never a quadratic search. One thread.
class interned {
 public:
  /// The index of the entry; adds it where it is not among the newest.
  std::uint16_t index_of(std::string_view text, const id128& id = {});

  std::size_t size() const { return entries_.size(); }
  type_ref at(std::size_t index) const {
    const auto& e = entries_[index];
    return {std::string_view(text_).substr(e.begin, e.length), e.id};
  }
  /// Bytes of all texts together.
  std::size_t text_bytes() const { return text_.size(); }
  void clear();

 private:
  struct entry {
    std::size_t begin;
    std::size_t length;
    id128 id;
  };
  static constexpr std::size_t searched = 64;

  std::string text_;
  std::vector<entry> entries_;
  std::size_t last_hit_ = 0;
};

}  // namespace quipu::journal
