/// The reaction as its projector sees it: from where it begins, and with a count of what it wrote.
#pragma once

#include "reactions/outbox_row.hpp"

#include <quipu/reactions/reaction_type.hpp>

#include <atomic>
#include <cstdint>

namespace quipu::reacting {

/// apply() on the projector's thread; the counts from any.
class filling final : public port::projection_type {
 public:
  explicit filling(const port::reaction_type& what) : port::projection_type(what), what_(what) {}

  /// Events up to here lead to nothing, though they are marked as seen. Before the first apply().
  void begin_after(position at) { begin_ = at; }
  void apply(std::uint32_t event, bytes_view payload, const envelope& from, port::rows& into) const override;

  /// What was written since the last reset(), committed or not.
  std::uint64_t rows() const { return rows_; }
  std::uint64_t bytes() const { return bytes_; }
  void reset() { rows_ = bytes_ = 0; }

 private:
  const port::reaction_type& what_;
  position begin_;
  mutable std::atomic<std::uint64_t> rows_ = 0;
  mutable std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace quipu::reacting
