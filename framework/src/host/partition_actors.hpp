/// The actors of a node: one a partition. Names no CAF, so that nothing else has to.
#pragma once

#include "host/partition_host.hpp"
#include "host/postbox.hpp"

#include <cstddef>
#include <memory>

namespace caf {
class actor_system;
}

namespace quipu::host {

/// The scheduler's threads run partitions, and with them domain code and callbacks.
class partition_actors {
 public:
  /// `on` null: a system of its own, with so many threads.
  partition_actors(std::size_t threads, caf::actor_system* on);
  /// Shuts the doors that are still open and waits until every actor is gone.
  ~partition_actors();
  partition_actors(const partition_actors&) = delete;
  partition_actors& operator=(const partition_actors&) = delete;

  /// Whether quipu::configure() was called for it.
  static bool can_run_on(const caf::actor_system& system);

  /// From the node's opening thread only.
  std::shared_ptr<postbox> spawn(std::unique_ptr<partition_host> host);

 private:
  struct system;
  std::unique_ptr<system> system_;
};

}  // namespace quipu::host
