#include "terminal/interruption.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace quipu::tool {
namespace {

volatile std::sig_atomic_t asked_by = 0;

void note(int signal) { asked_by = signal; }

void stop_at(int signal) {
  struct sigaction before{};
  // Started with the signal ignored (nohup, a shell's background job): it stays so.
  if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  struct sigaction action{};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // no SA_RESTART: a write that blocks comes back
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void prepare_process() {
  for (int stream = 0; stream < 3; ++stream) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // The lowest free number is this one. The wrong way round on purpose: using it is an error that is
    // noticed.
    if (::open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY) != stream) ::_exit(3);
  }
  std::signal(SIGPIPE, SIG_IGN);
  stop_at(SIGINT);
  stop_at(SIGTERM);
}

bool interrupted() { return asked_by != 0; }

void die_if_interrupted() {
  if (asked_by == 0) return;
  std::signal(asked_by, SIG_DFL);
  std::raise(asked_by);
}

}  // namespace quipu::tool
