// The other process of processes_test.cpp: storage_child hold|write|fill DIRECTORY [LIMIT]
#include "storage/environment.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include <sys/resource.h>

namespace {

using namespace quipu;

std::unique_ptr<storage::environment> open(const char* directory) {
  auto opened = storage::environment::open({.directory = directory});
  if (opened) return std::move(*opened);
  std::cout << opened.error().text << std::endl;
  std::exit(3);
}

journal::result<void> add(storage::environment& environment, storage::table table, std::uint64_t number,
                          std::size_t size) {
  auto write = environment.begin_write({1, size + 8});
  if (!write) return std::unexpected(write.error());
  if (auto put = write->put(table, storage::key_of(number), bytes(size, 'x')); !put) return put;
  return write->commit();
}

int hold(const char* directory) {
  const auto environment = open(directory);
  std::cout << "held" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  return 0;
}

// A row for every line that it reads: the row's size.
int write(const char* directory) {
  const auto environment = open(directory);
  const auto table = environment->open_table("rows", storage::table_keys::integer).value();
  std::cout << "ready" << std::endl;
  std::uint64_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const auto done = add(*environment, table, ++number, std::stoul(line));
    std::cout << (done ? "done" : done.error().text) << std::endl;
  }
  return 0;
}

void limit_files(rlim_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
}

// Writes until there is no room, and again when there is.
int fill(const char* directory, rlim_t limit) {
  std::signal(SIGXFSZ, SIG_DFL);  // which ends a process that writes too far
  const auto environment = open(directory);
  const auto table = environment->open_table("rows", storage::table_keys::integer).value();
  limit_files(limit);
  std::uint64_t number = 0;
  auto done = add(*environment, table, ++number, 100'000);
  while (done) done = add(*environment, table, ++number, 100'000);
  std::cout << (done.error().kind == journal::failure_kind::refused ? "refused: " : "not refused: ")
            << done.error().text << std::endl;
  std::cout << number - 1 << std::endl;
  limit_files(RLIM_INFINITY);
  done = add(*environment, table, number, 100'000);
  std::cout << (done ? "again" : done.error().text) << std::endl;
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  const std::string what = words[1];
  if (what == "hold") return hold(words[2]);
  if (what == "write") return write(words[2]);
  if (what == "fill" && count == 4) return fill(words[2], std::stoul(words[3]));
  return 2;
}
