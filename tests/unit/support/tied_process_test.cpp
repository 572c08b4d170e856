// A child that ends with the test, and only with it.
#include "support/tied_process.hpp"

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

using namespace std::chrono_literals;
using namespace quipu::test;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(tied_process, keeps_its_output_and_says_how_it_ended) {
  temporary_directory here;
  tied_process child({"/bin/sh", "-c", "echo one; echo two >&2; exit 7"}, here / "log");
  ASSERT_TRUE(child.wait(20s));
  EXPECT_FALSE(child.running());
  EXPECT_EQ(child.ending(), "exit code 7");
  EXPECT_EQ(text_of(here / "log"), "one\ntwo\n");
}

TEST(tied_process, says_when_there_is_no_such_program) {
  temporary_directory here;
  tied_process child({"/nowhere/to/be/found"}, here / "log");
  ASSERT_TRUE(child.wait(20s));
  EXPECT_EQ(child.ending(), "exit code 127");
  EXPECT_EQ(text_of(here / "log"), "can't run /nowhere/to/be/found: No such file or directory\n");
}

TEST(tied_process, outlives_the_thread_that_started_it) {
  temporary_directory here;
  std::unique_ptr<tied_process> child;
  std::thread([&] {
    child = std::make_unique<tied_process>(std::vector<std::string>{"/bin/sleep", "1000"}, here / "log");
  }).join();
  EXPECT_FALSE(child->wait(100ms));
}

TEST(tied_process, stands_still_and_goes_on) {
  temporary_directory here;
  tied_process child({"/bin/sh", "-c", "while :; do :; done"}, here / "log");
  child.pause();
  child.pause();  // no harm
  auto state = text_of("/proc/" + std::to_string(child.id()) + "/stat");
  EXPECT_EQ(state.substr(state.rfind(')') + 2, 1), "T");
  child.signal(SIGCONT);
  child.signal(SIGKILL);
  ASSERT_TRUE(child.wait(20s));
  EXPECT_EQ(child.ending(), "signal 9");
}

TEST(tied_process, dies_with_its_parent) {
  temporary_directory here;
  process parent({SUPPORT_PARENT, here.path()});
  const auto child = parent.read_line();
  ASSERT_TRUE(child);
  const descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, std::stoi(*child), 0)));
  ASSERT_TRUE(ended);
  pollfd one{.fd = ended.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&one, 1, 100), 0);
  parent.signal(SIGKILL);
  EXPECT_EQ(::poll(&one, 1, 20'000), 1);
  parent.wait();
}

}  // namespace
