#include "host/partition_actors.hpp"

#include "host/caf_seam.hpp"
#include "host/clocks.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace quipu::host {
namespace {

// A thin shell: one message at a time to the host, and the host's alarms to CAF's clock.
class partition_actor final : public caf::event_based_actor {
 public:
  partition_actor(caf::actor_config& config, std::shared_ptr<partition_host> host)
      : caf::event_based_actor(config), host_(std::move(host)) {}

  caf::behavior make_behavior() override {
    return {
        [this](const message::wake&) {
          host_->serve_inbox();
          set_alarm();
        },
        [this](const message::mail& what) {
          host_->deliver(std::move(*what.input));
          set_alarm();
        },
        [this](const message::tick& when) {
          if (when.alarm != host_->alarm()) return;
          host_->tick();
          set_alarm();
        },
        [this](const message::report&) { host_->report(); },
        [this](const message::leave&) { quit(); },
    };
  }

  // The object may live on in a delayed message; what it worked on does not.
  void on_exit() override { host_.reset(); }

 private:
  void set_alarm() {
    const auto when = host_->take_alarm();
    if (when == 0) return;
    const std::chrono::microseconds in(std::max<std::int64_t>(when - timer_us(), 0));
    seam::send_later(caf::actor_cast<caf::actor>(this), in, message::tick{host_->alarm()});
  }

  std::shared_ptr<partition_host> host_;
};

class actor_postbox final : public postbox {
 public:
  void attach(caf::actor to) {
    const std::scoped_lock lock(guard_);
    to_ = std::move(to);
  }
  void post(core::any_input input) override {
    deliver(message::mail{std::make_shared<core::any_input>(std::move(input))});
  }
  void wake() override { deliver(message::wake{}); }
  void report() override { deliver(message::report{}); }
  void shut() override {
    const std::scoped_lock lock(guard_);
    if (to_) seam::send(to_, message::leave{});
    to_ = nullptr;
  }

 private:
  template <class Message>
  void deliver(Message what) {
    // Under the lock, so that nothing touches the actor system after shut() has returned.
    const std::scoped_lock lock(guard_);
    if (to_) seam::send(to_, std::move(what));
  }

  std::mutex guard_;
  caf::actor to_;
};

struct configured : caf::actor_system_config {
  explicit configured(std::size_t threads) { seam::configure(*this, threads); }
};

}  // namespace

struct partition_actors::system {
  explicit system(std::size_t threads) : config(threads), actors(config) {}
  configured config;
  caf::actor_system actors;
  std::vector<std::shared_ptr<actor_postbox>> doors;
};

partition_actors::partition_actors(std::size_t threads) {
  seam::declare_messages();
  system_ = std::make_unique<system>(threads);
}

partition_actors::~partition_actors() {
  for (const auto& door : system_->doors) door->shut();
}

std::shared_ptr<postbox> partition_actors::spawn(std::unique_ptr<partition_host> host) {
  auto door = std::make_shared<actor_postbox>();
  host->attach(door);
  door->attach(system_->actors.spawn<partition_actor>(std::shared_ptr<partition_host>(std::move(host))));
  system_->doors.push_back(door);
  return door;
}

}  // namespace quipu::host
