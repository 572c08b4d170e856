#include "host/partition_actors.hpp"

#include "host/caf_seam.hpp"
#include "host/clocks.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace quipu::host {
namespace {

// How many actors there are: a system that goes on after the node cannot be asked to end them all.
class head_count {
 public:
  void come() {
    const std::scoped_lock lock(guard_);
    ++count_;
  }
  void go() {
    const std::scoped_lock lock(guard_);
    --count_;
    changed_.notify_all();
  }
  void await_none() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
};

// A thin shell: one message at a time to the host, and the host's alarms to CAF's clock.
class partition_actor final : public caf::event_based_actor {
 public:
  partition_actor(caf::actor_config& config, std::shared_ptr<partition_host> host,
                  std::shared_ptr<head_count> count)
      : caf::event_based_actor(config), host_(std::move(host)), count_(std::move(count)) {
    count_->come();
  }

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
  void on_exit() override {
    host_.reset();
    count_->go();
  }

 private:
  void set_alarm() {
    const auto when = host_->take_alarm();
    if (when == 0) return;
    const std::chrono::microseconds in(std::max<std::int64_t>(when - timer_us(), 0));
    seam::send_later(caf::actor_cast<caf::actor>(this), in, message::tick{host_->alarm()});
  }

  std::shared_ptr<partition_host> host_;
  std::shared_ptr<head_count> count_;
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

struct own_system {
  explicit own_system(std::size_t threads) : config(threads), actors(config) {}
  configured config;
  caf::actor_system actors;
};

}  // namespace

struct partition_actors::system {
  std::unique_ptr<own_system> own;
  caf::actor_system* actors = nullptr;
  std::shared_ptr<head_count> count = std::make_shared<head_count>();
  std::vector<std::shared_ptr<actor_postbox>> doors;
};

partition_actors::partition_actors(std::size_t threads, caf::actor_system* on)
    : system_(std::make_unique<system>()) {
  if (on == nullptr) {
    seam::declare_messages();
    system_->own = std::make_unique<own_system>(threads);
    on = &system_->own->actors;
  }
  system_->actors = on;
}

bool partition_actors::can_run_on(const caf::actor_system& system) { return seam::is_configured(system); }

partition_actors::~partition_actors() {
  for (const auto& door : system_->doors) door->shut();
  system_->count->await_none();
}

std::shared_ptr<postbox> partition_actors::spawn(std::unique_ptr<partition_host> host) {
  auto door = std::make_shared<actor_postbox>();
  host->attach(door);
  door->attach(system_->actors->spawn<partition_actor>(std::shared_ptr<partition_host>(std::move(host)),
                                                       system_->count));
  system_->doors.push_back(door);
  return door;
}

}  // namespace quipu::host
