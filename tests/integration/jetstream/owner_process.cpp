#include "owner_process.hpp"

#include "owner_talk.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <variant>

namespace quipu::test {

owner_process::owner_process(const std::string& url, const std::filesystem::path& directory,
                             const std::string& name, std::uint64_t seed, client_record& record)
    : record_(record), program_({QUIPU_BANK_OWNER, url, directory.string(), name, std::to_string(seed)}) {
  listener_ = std::thread([this] { listen(); });
}

owner_process::~owner_process() {
  signal(SIGKILL);
  listener_.join();
}

void owner_process::signal(int number) { ::kill(program_.id(), number); }

void owner_process::listen() {
  try {
    while (const auto line = program_.read_line(std::chrono::minutes{2})) {
      const auto what = talk::read(*line);
      if (const auto* sent = std::get_if<talk::sending>(&what)) {
        record_.sending(sent->what);
      } else if (const auto* got = std::get_if<talk::answered>(&what)) {
        record_.answered(got->which, got->said);
      } else {
        const std::scoped_lock lock(guard_);
        words_.insert(std::get<talk::word>(what).text);
        changed_.notify_all();
      }
    }
  } catch (const std::exception& silent) {
    const std::scoped_lock lock(guard_);
    words_.insert(silent.what());
  }
}

bool owner_process::wait_for(const std::string& word, std::chrono::milliseconds limit) {
  std::unique_lock lock(guard_);
  return changed_.wait_for(lock, limit, [&] { return words_.contains(word); });
}

std::size_t owner_process::superseded() const {
  const std::scoped_lock lock(guard_);
  return static_cast<std::size_t>(
      std::ranges::count_if(words_, [](const auto& word) { return word.starts_with("superseded "); }));
}

bool owner_process::wait_until_superseded(std::size_t partitions, std::chrono::milliseconds limit) {
  std::unique_lock lock(guard_);
  return changed_.wait_for(lock, limit, [&] {
    return static_cast<std::size_t>(std::ranges::count_if(
               words_, [](const auto& word) { return word.starts_with("superseded "); })) >= partitions;
  });
}

bool owner_process::finish(std::chrono::milliseconds limit) {
  program_.write("finish\n");
  return wait_for("finished", limit);
}

}  // namespace quipu::test
