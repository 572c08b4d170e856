#include "host/runtime_thread.hpp"

#include <quipu/future.hpp>

namespace quipu {
namespace {
thread_local bool on_one = false;
}

bool on_runtime_thread() noexcept { return on_one; }

namespace host {

runtime_thread_mark::runtime_thread_mark() noexcept : before_(on_one) { on_one = true; }
runtime_thread_mark::~runtime_thread_mark() { on_one = before_; }

}  // namespace host
}  // namespace quipu
