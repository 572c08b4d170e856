#include "host/snapshot_writer.hpp"

#include <exception>

namespace quipu::host {

snapshot_writer::snapshot_writer(core::checkpoint_store& store) : store_(store), thread_([this] { run(); }) {}

snapshot_writer::~snapshot_writer() {
  {
    const std::scoped_lock lock(guard_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void snapshot_writer::write(core::snapshot_group group, std::shared_ptr<postbox> owner) {
  {
    const std::scoped_lock lock(guard_);
    groups_.push_back(std::move(group));
    owners_.push_back(std::move(owner));
  }
  changed_.notify_one();
}

void snapshot_writer::run() {
  std::vector<core::snapshot_group> groups;
  std::vector<std::shared_ptr<postbox>> owners;
  for (;;) {
    {
      std::unique_lock lock(guard_);
      changed_.wait(lock, [this] { return stopping_ || !groups_.empty(); });
      if (groups_.empty()) return;
      groups.swap(groups_);
      owners.swap(owners_);
    }
    journal::result<void> written;
    try {
      written = store_.write(groups);
    } catch (const std::exception& bug) {
      written =
          journal::fail(error_code::storage_failed, std::string("writing snapshots threw: ") + bug.what());
    }
    for (const auto& owner : owners) owner->post(core::input::snapshots_stored{written});
    groups.clear();
    owners.clear();
  }
}

}  // namespace quipu::host
