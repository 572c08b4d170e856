/// A coroutine that nobody waits for.
#pragma once

#include <coroutine>
#include <exception>

namespace quipu::test {

struct detached {
  struct promise_type {
    detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

}  // namespace quipu::test
