#include "nats_build.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace quipu::test {
namespace {

constexpr const char* installed_program = "/usr/sbin/nats-server";

bool can_run(const std::filesystem::path& program) { return ::access(program.c_str(), X_OK) == 0; }

/// bookworm, trixie, …: as /etc/os-release says it.
std::string own_suite() {
  std::ifstream release("/etc/os-release");
  constexpr std::string_view key = "VERSION_CODENAME=";
  for (std::string line; std::getline(release, line);)
    if (line.starts_with(key)) return line.substr(key.size());
  return {};
}

}  // namespace

std::string_view to_string(nats_build build) {
  switch (build) {
    case nats_build::installed:
      return "installed";
    case nats_build::bookworm:
      return "bookworm";
    case nats_build::trixie:
      return "trixie";
    case nats_build::sid:
      return "sid";
  }
  return "?";
}

found_nats_build find_nats_build(nats_build build) {
  const std::string suite(to_string(build));
  if (build == nats_build::installed || suite == own_suite()) {
    if (can_run(installed_program)) return {.program = installed_program, .reason = {}};
    if (build == nats_build::installed)
      return {.program = {}, .reason = "no nats-server is installed: run tools/dependencies"};
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it meanwhile
  const char* given = std::getenv("QUIPU_NATS_SERVERS");
  const std::filesystem::path directory = given != nullptr ? given : QUIPU_NATS_SERVERS_DEFAULT;
  auto program = directory / suite / "nats-server";
  if (can_run(program)) return {.program = program, .reason = {}};
  return {.program = {},
          .reason = "no nats-server of Debian " + suite + " in " + directory.string() +
                    ": run tools/nats-server " + suite + " (needs a Debian mirror)"};
}

std::filesystem::path require_nats_build(nats_build build) {
  auto found = find_nats_build(build);
  if (!found.program) throw std::runtime_error(found.reason);
  return *found.program;
}

}  // namespace quipu::test
