/// Marks threads while they run a partition: on them, waiting for an answer could never end.
#pragma once

namespace quipu::host {

class runtime_thread_mark {
 public:
  runtime_thread_mark() noexcept;
  ~runtime_thread_mark();
  runtime_thread_mark(const runtime_thread_mark&) = delete;
  runtime_thread_mark& operator=(const runtime_thread_mark&) = delete;

 private:
  bool before_;
};

}  // namespace quipu::host
