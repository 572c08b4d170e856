/// The answer that is to come: get() it, wait for a while, or co_await it.
#pragma once

#include <quipu/result.hpp>

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace quipu {

/// Runs work somewhere else: a pool, an event loop. Must not throw and must run what it is given, once.
using executor = std::function<void(std::move_only_function<void()>)>;

/// Whether this thread belongs to a runtime. To wait on such a thread would be to wait for oneself.
bool on_runtime_thread() noexcept;

namespace host {

/// Who waits for a value; woken once, by the thread that sets it.
class waiter {
 public:
  virtual void wake() noexcept = 0;

 protected:
  ~waiter() = default;
};

/// A waiter that is a thread, on that thread's stack.
class parked_thread final : public waiter {
 public:
  void wake() noexcept override {
    // Notified under the lock: the parked thread may be gone with this object as soon as it sees `woken_`.
    const std::scoped_lock lock(guard_);
    woken_ = true;
    changed_.notify_one();
  }
  void wait() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return woken_; });
  }
  bool wait_until(std::chrono::steady_clock::time_point when) {
    std::unique_lock lock(guard_);
    return changed_.wait_until(lock, when, [this] { return woken_; });
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  bool woken_ = false;
};

/// What a promise and its future share: one allocation, no lock. `who_` is null, the one that waits, or this
/// state itself once the value is there.
template <class T>
class future_state {
 public:
  explicit future_state(const executor* resume_on) : resume_on_(resume_on) {}

  void set(result<T>&& value) noexcept {
    value_.emplace(std::move(value));
    auto* waiting = who_.exchange(this, std::memory_order_acq_rel);
    if (waiting != nullptr) static_cast<waiter*>(waiting)->wake();
  }
  bool ready() const noexcept { return who_.load(std::memory_order_acquire) == this; }
  /// False: the value came first, nobody will be woken.
  bool enlist(waiter& who) noexcept {
    void* nobody = nullptr;
    return who_.compare_exchange_strong(nobody, &who, std::memory_order_acq_rel, std::memory_order_acquire);
  }
  /// False: the value came first, `who` is being woken.
  bool leave(waiter& who) noexcept {
    void* expected = &who;
    return who_.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel,
                                        std::memory_order_acquire);
  }
  result<T> take() { return std::move(*value_); }
  const executor* resume_on() const { return resume_on_; }

  void retain() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  std::atomic<void*> who_{nullptr};
  std::atomic<int> owners_{1};
  const executor* resume_on_;
  std::optional<result<T>> value_;
};

struct release_state {
  template <class T>
  void operator()(future_state<T>* state) const noexcept {
    state->release();
  }
};
template <class T>
using state_owner = std::unique_ptr<future_state<T>, release_state>;

}  // namespace host

/// An answer on its way. Movable; used by one thread at a time. May be dropped: the command takes its way all
/// the same.
template <class T>
class [[nodiscard("an answer nobody looks at: tell() says so better")]] future {
 public:
  /// Blocks until the answer is there; it comes at the ask's deadline at the latest. Empties the future. On a
  /// thread of a runtime, where waiting could never end, `invalid` at once (unless the answer is there).
  result<T> get() {
    if (!state_)
      return std::unexpected(error(error_code::future_empty, "this future is empty: its answer was taken"));
    if (!state_->ready()) {
      if (on_runtime_thread()) return std::unexpected(would_deadlock());
      host::parked_thread here;
      if (state_->enlist(here)) here.wait();
    }
    auto value = state_->take();
    state_.reset();
    return value;
  }

  /// Whether the answer is there, after waiting for it no longer than this. On a thread of a runtime: without
  /// waiting.
  bool wait_for(std::chrono::nanoseconds patience) {
    if (!state_ || state_->ready()) return true;
    if (patience.count() <= 0 || on_runtime_thread()) return false;
    host::parked_thread here;
    if (!state_->enlist(here) || here.wait_until(std::chrono::steady_clock::now() + patience)) return true;
    if (state_->leave(here)) return false;
    here.wait();  // it is being woken this moment
    return true;
  }

  bool ready() const { return !state_ || state_->ready(); }
  /// Whether get() has an answer to wait for.
  bool valid() const { return state_ != nullptr; }

  /// `co_await std::move(future)` gives what get() gives. The coroutine goes on through options.executor, or,
  /// where there is none, on the thread of the runtime that has the answer: it must not block there.
  auto operator co_await() && { return awaiter(std::move(state_)); }

  /// For the runtime.
  explicit future(host::state_owner<T> state) : state_(std::move(state)) {}

 private:
  class awaiter final : public host::waiter {
   public:
    explicit awaiter(host::state_owner<T> state) : state_(std::move(state)) {}
    bool await_ready() const noexcept { return state_->ready(); }
    bool await_suspend(std::coroutine_handle<> rest) noexcept {
      rest_ = rest;
      return state_->enlist(*this);
    }
    result<T> await_resume() { return state_->take(); }
    void wake() noexcept override {
      const auto* elsewhere = state_->resume_on();
      if (elsewhere != nullptr && *elsewhere)
        (*elsewhere)([rest = rest_] { rest.resume(); });
      else
        rest_.resume();
    }

   private:
    host::state_owner<T> state_;
    std::coroutine_handle<> rest_;
  };

  static error would_deadlock() {
    return {
        error_code::runtime_thread,
        "get() on a thread of the runtime would wait for itself; use a callback, co_await, or in an actor "
        "quipu::ask (quipu/caf.hpp)"};
  }

  host::state_owner<T> state_;
};

/// The other end, held by the command. A promise that is dropped answers `unknown_outcome`.
template <class T>
class promise {
 public:
  explicit promise(const executor* resume_on = nullptr) : state_(new host::future_state<T>(resume_on)) {}
  ~promise() {
    if (state_) set(std::unexpected(error(error_code::command_given_up, "the command was given up")));
  }
  promise(promise&&) noexcept = default;
  promise& operator=(promise&&) = delete;

  /// Once, before set().
  future<T> get_future() {
    state_->retain();
    return future<T>(host::state_owner<T>(state_.get()));
  }

  void set(result<T>&& value) noexcept {
    assert(state_ && "a promise is kept once");
    const auto mine = std::move(state_);
    mine->set(std::move(value));
  }

 private:
  host::state_owner<T> state_;
};

}  // namespace quipu
