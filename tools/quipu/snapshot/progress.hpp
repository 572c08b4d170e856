/// How far a walk over a journal is, for a person who waits.
#pragma once

#include <chrono>
#include <quipu/journal/position.hpp>
#include <string>

namespace quipu::tool {

/// On stderr, where that is a terminal, twice a second.
class progress {
 public:
  progress(std::string what, record_number last);
  ~progress() { clear(); }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void show(record_number at);
  void clear();

 private:
  std::string what_;
  record_number last_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace quipu::tool
