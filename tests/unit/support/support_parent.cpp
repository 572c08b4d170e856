// Starts a child, says its id, and waits to be killed.
#include "support/tied_process.hpp"

#include <unistd.h>

#include <cstdio>

int main(int, char** arguments) {
  quipu::test::tied_process child({"/bin/sleep", "1000"}, std::filesystem::path(arguments[1]) / "log");
  std::printf("%d\n", child.id());
  std::fflush(stdout);
  ::pause();
}
