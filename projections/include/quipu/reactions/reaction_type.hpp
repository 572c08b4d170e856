/// The border between an author's reaction and the reactor: a reaction without its types.
#pragma once

#include <quipu/projections/projection_type.hpp>
#include <quipu/reactions/commands.hpp>

#include <cstdint>

namespace quipu::port {

/// A projection underneath: its rows are the commands that its events lead to, and stay until they are answered.
class reaction_type : public projection_type {
 public:
  reaction_type();

  /// What a wanted event leads to. Pure. Throws what the author's `on` throws, and damaged_payload.
  virtual void react(std::uint32_t event, bytes_view payload, const envelope& from, commands& out) const = 0;

  void apply(std::uint32_t event, bytes_view payload, const envelope& from, rows& into) const final;
};

}  // namespace quipu::port
