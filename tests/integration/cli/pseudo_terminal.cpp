#include "pseudo_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "support/waiting.hpp"

namespace quipu::test {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

winsize size_of(unsigned short columns, unsigned short rows) {
  return {.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
}

/// Without the sequences that a terminal obeys.
std::string plain(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      i = line.find_first_of("HJKhl", i);
      if (i == std::string_view::npos) break;
    } else if (line[i] != '\r') {
      out += line[i];
    }
  }
  return out;
}

}  // namespace

on_terminal::on_terminal(const std::vector<std::string>& command, unsigned short columns,
                         unsigned short rows) {
  auto size = size_of(columns, rows);
  if (::openpty(&terminal_, &slave_, nullptr, nullptr, &size) != 0) fail("openpty");
  ::fcntl(terminal_, F_SETFD, FD_CLOEXEC);
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ > 0) return;
  ::setsid();
  ::ioctl(slave_, TIOCSCTTY, 0);
  for (int stream = 0; stream < 3; ++stream) ::dup2(slave_, stream);
  ::close(slave_);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

on_terminal::~on_terminal() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(slave_);
  ::close(terminal_);
}

void on_terminal::press(std::string_view keys) {
  if (::write(terminal_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) fail("write");
}

void on_terminal::resize(unsigned short columns, unsigned short rows) {
  const auto size = size_of(columns, rows);
  if (::ioctl(terminal_, TIOCSWINSZ, &size) != 0) fail("TIOCSWINSZ");
}

void on_terminal::signal(int number) const { ::kill(pid_, number); }

bool on_terminal::read_some(std::chrono::milliseconds limit) {
  pollfd one{terminal_, POLLIN, 0};
  if (::poll(&one, 1, static_cast<int>(limit.count())) <= 0) return false;
  std::array<char, 4096> part{};
  const auto got = ::read(terminal_, part.data(), part.size());
  if (got <= 0) return false;
  written_.append(part.data(), static_cast<std::size_t>(got));
  return true;
}

void on_terminal::wait_for(std::string_view text, std::chrono::milliseconds limit) {
  const time_limit until(limit);
  for (;;) {
    if (const auto at = written_.find(text, looked_at_); at != std::string::npos) {
      looked_at_ = at + text.size();
      return;
    }
    if (!read_some(until.left()) && until.over())
      throw std::runtime_error("it does not write \"" + std::string(text) + "\" but:\n" + written_);
  }
}

void on_terminal::wait_until_stopped() {
  int status = 0;
  if (::waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status))
    throw std::runtime_error("it was not stopped, but ended");
  while (read_some(std::chrono::milliseconds(0))) {
  }
}

int on_terminal::wait() {
  int status = 0;
  const time_limit until(std::chrono::seconds(30));
  pid_t ended = 0;
  while ((ended = ::waitpid(pid_, &status, WNOHANG)) == 0 && !until.over())
    read_some(std::chrono::milliseconds(20));  // what it writes at its end must have room
  if (ended == 0) throw std::runtime_error("it does not end:\n" + written_);
  pid_ = -1;
  while (read_some(std::chrono::milliseconds(0))) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> on_terminal::frame() const {
  const auto end = written_.rfind("\x1b[J");  // the last one that is whole
  if (end == std::string::npos) return {};
  const auto begin = written_.rfind("\x1b[H", end);
  std::istringstream in(written_.substr(begin, end - begin));
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(plain(line));
  return out;
}

bool on_terminal::is_as_it_was() const {
  termios now{};
  if (::tcgetattr(slave_, &now) != 0) fail("tcgetattr");
  return (now.c_lflag & ICANON) != 0 && (now.c_lflag & ECHO) != 0;
}

}  // namespace quipu::test
