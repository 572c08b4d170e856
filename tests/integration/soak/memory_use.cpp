#include "memory_use.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace quipu::test::soak {
namespace {

using namespace std::chrono_literals;

constexpr auto between_measurements = 500ms;

std::uint64_t anonymous_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10);
  return 0;
}

std::uint64_t used_kib() {
  const auto all = ::mallinfo2();  // of all arenas
  return (all.uordblks + all.hblkhd) / 1024;
}

}  // namespace

memory_use::memory_use(std::chrono::seconds expected) {
  const auto looks = static_cast<std::size_t>(expected / between_measurements) + 1'000;
  resident_.reserve(looks);
  used_.reserve(looks);
  thread_ = std::thread([this] {
    std::unique_lock lock(guard_);
    while (!changed_.wait_for(lock, between_measurements, [this] { return stopping_; })) {
      resident_.push_back(anonymous_kib());
      used_.push_back(used_kib());
    }
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

std::uint64_t memory_use::median(const series& of, double from, double to) {
  const auto at = [&](double share) {
    return of.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(of.size()));
  };
  series part(at(from), at(to));
  if (part.empty()) return 0;
  std::ranges::sort(part);
  return part[part.size() / 2];
}

std::string memory_use::in_words(const char* name, const series& of) {
  if (of.empty()) return std::string(name) + ": never looked at";
  const auto mib = [](std::uint64_t kib) { return static_cast<double>(kib) / 1024; };
  char text[200];
  std::snprintf(
      text, sizeof text,
      "%s: %.1f MiB at the start; by quarters %.1f, %.1f, %.1f, %.1f; %.1f at the end, %.1f at most", name,
      mib(median(of, 0, 0.05)), mib(median(of, 0, 0.25)), mib(median(of, 0.25, 0.5)),
      mib(median(of, 0.5, 0.75)), mib(median(of, 0.75, 1)), mib(median(of, 0.95, 1)),
      mib(std::ranges::max(of)));
  return text;
}

std::string memory_use::in_words() const {
  return in_words("memory in use", used_) + "\n" + in_words("anonymous memory", resident_);
}

bool memory_use::is_flat(const series& of) {
  const auto before = median(of, 0.25, 0.5);
  return median(of, 0.75, 1) <= before + before / 10 + 8'192;
}

bool memory_use::is_flat() const { return is_flat(used_) && is_flat(resident_); }

}  // namespace quipu::test::soak
