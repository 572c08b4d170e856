#include "terminal/screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>

namespace quipu::tool {
namespace {

constexpr std::string_view take = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view give_back = "\x1b[?25h\x1b[?1049l";
constexpr std::array ending{SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// What signal handlers need; set while there is a screen.
termios before{};
termios raw{};
bool has_keys = false;
volatile std::sig_atomic_t was_away = 0;
std::array<struct sigaction, ending.size()> ended_by_before{};
struct sigaction stopped_by_before{};

bool put_all(std::string_view text) {
  while (!text.empty()) {
    const auto wrote = ::write(STDOUT_FILENO, text.data(), text.size());
    if (wrote < 0 && errno != EINTR) return false;
    if (wrote > 0) text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

void enter() {
  if (has_keys) ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  put_all(take);
}

void leave() {
  put_all(give_back);
  if (has_keys) ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void end_by(int signal) {
  leave();
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // takes effect when this returns
}

void stop_by(int /*signal*/) {
  const int error = errno;
  leave();
  std::raise(SIGSTOP);
  enter();
  was_away = 1;
  errno = error;
}

/// Unless it was ignored at the start (nohup): then it stays so.
void handle(int signal, void (*how)(int), struct sigaction& old) {
  struct sigaction action{};
  action.sa_handler = how;
  ::sigaction(signal, nullptr, &old);
  if (old.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
}

}  // namespace

bool screen::there() { return ::isatty(STDOUT_FILENO) == 1; }

screen::screen() {
  has_keys = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before) == 0;
  raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  for (std::size_t i = 0; i < ending.size(); ++i) handle(ending.at(i), end_by, ended_by_before.at(i));
  handle(SIGTSTP, stop_by, stopped_by_before);
  enter();
}

screen::~screen() {
  leave();
  for (std::size_t i = 0; i < ending.size(); ++i) ::sigaction(ending.at(i), &ended_by_before.at(i), nullptr);
  ::sigaction(SIGTSTP, &stopped_by_before, nullptr);
}

screen_size terminal_size() {
  winsize told{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) != 0 || told.ws_col == 0 || told.ws_row == 0) return {};
  return {told.ws_col, told.ws_row};
}

void screen::show(const std::vector<std::string>& lines) {
  shown_for_ = terminal_size();
  std::string frame = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) frame += "\r\n";
    frame += lines[i] + "\x1b[K";
  }
  frame += "\x1b[J";
  wanted_ = put_all(frame);
}

std::optional<char> screen::key(std::chrono::milliseconds limit) {
  const bool listens = has_keys && !input_ended_;
  pollfd keys{listens ? STDIN_FILENO : -1, POLLIN, 0};
  if (::poll(&keys, 1, static_cast<int>(limit.count())) <= 0) return std::nullopt;
  char pressed = 0;
  const auto got = ::read(STDIN_FILENO, &pressed, 1);
  if (got == 1) return pressed;
  input_ended_ = got == 0 || errno != EINTR;
  return std::nullopt;
}

bool screen::must_renew() {
  if (was_away != 0) {
    was_away = 0;
    return true;
  }
  return terminal_size() != shown_for_;
}

}  // namespace quipu::tool
