#include "memory_use.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace quipu::test::soak {
namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 500ms;

std::uint64_t anonymous_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10);
  return 0;
}

}  // namespace

memory_use::memory_use(std::chrono::seconds expected) {
  samples_.reserve(static_cast<std::size_t>(expected / between_looks) + 1'000);
  thread_ = std::thread([this] {
    std::unique_lock lock(guard_);
    while (!changed_.wait_for(lock, between_looks, [this] { return stopping_; }))
      samples_.push_back(anonymous_kib());
  });
}

memory_use::~memory_use() { stop(); }

void memory_use::stop() {
  {
    const std::scoped_lock lock(guard_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::uint64_t memory_use::median(double from, double to) const {
  const auto size = static_cast<double>(samples_.size());
  std::vector<std::uint64_t> part(samples_.begin() + static_cast<std::ptrdiff_t>(from * size),
                                  samples_.begin() + static_cast<std::ptrdiff_t>(to * size));
  if (part.empty()) return 0;
  std::ranges::sort(part);
  return part[part.size() / 2];
}

std::string memory_use::in_words() const {
  if (samples_.empty()) return "never looked at";
  const auto mib = [](std::uint64_t kib) { return static_cast<double>(kib) / 1024; };
  char text[160];
  std::snprintf(text, sizeof text,
                "%.1f MiB at the start, %.1f after a quarter, %.1f after half, %.1f at the end, %.1f at most",
                mib(median(0, 0.05)), mib(median(0.225, 0.275)), mib(median(0.475, 0.525)),
                mib(median(0.95, 1)), mib(std::ranges::max(samples_)));
  return text;
}

bool memory_use::is_flat() const {
  const auto before = median(0.25, 0.5);
  return median(0.75, 1) <= before + before / 10 + 8'192;
}

}  // namespace quipu::test::soak
