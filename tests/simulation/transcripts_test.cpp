// Inputs and effects of one partition as text, for newcomers and for whoever changes the core: etcd-io/raft's
// datadriven tests are the model. QUIPU_REWRITE=1 writes what is instead of comparing.
#include "scene.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace quipu::simulation {
namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A line of a transcript is a command to the scene, a comment (#), empty, or what came of the command
// (indented).
std::string replay(const std::string& wanted) {
  scene stage;
  std::istringstream lines(wanted);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("    ")) continue;
    out += line + "\n";
    if (!line.empty() && line[0] != '#') out += stage.play(line);
  }
  return out;
}

class transcripts : public testing::TestWithParam<std::string> {};

TEST_P(transcripts, are_what_happens) {
  const auto path = std::filesystem::path(QUIPU_TRANSCRIPTS) / (GetParam() + ".txt");
  const auto wanted = read_all(path);
  ASSERT_FALSE(wanted.empty()) << path;
  const auto is = replay(wanted);
  if (std::getenv("QUIPU_REWRITE") != nullptr) {
    std::ofstream(path) << is;
    return;
  }
  EXPECT_EQ(is, wanted);
}

INSTANTIATE_TEST_SUITE_P(simulation, transcripts,
                         testing::Values("opening_and_batching", "unknown_outcome", "superseded"),
                         [](const auto& about) { return about.param; });

}  // namespace
}  // namespace quipu::simulation
