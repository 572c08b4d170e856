/// How others reach a partition: a door that outlives the actor behind it.
#pragma once

#include "core/effects.hpp"

namespace quipu::host {

/// Journal, snapshot writer and replayer hold one of these and not the actor: a callback may come after the
/// node has been closed, and finds the door shut then. Any thread.
class postbox {
 public:
  virtual ~postbox() = default;
  /// Delivers an input in the order of arrival; the framework's own, so never refused. Dropped once the door
  /// is shut.
  virtual void post(core::any_input input) = 0;
  /// There are commands in the inbox.
  virtual void wake() = 0;
  /// Somebody waits for figures on the status board.
  virtual void report() = 0;
  /// Nothing is delivered after this; the actor ends.
  virtual void shut() = 0;
};

}  // namespace quipu::host
