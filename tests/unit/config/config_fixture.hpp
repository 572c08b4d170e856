/// Files and variables of the environment for tests of the configuration.
#pragma once

#include <quipu/configuration.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_directory.hpp"

namespace quipu::test {

/// Each test has a process of its own.
class configuration : public testing::Test {
 protected:
  ~configuration() override {
    for (const auto& name : variables_) ::unsetenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  }

  void set(const std::string& variable, const std::string& value) {
    ::setenv(variable.c_str(), value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    variables_.push_back(variable);
  }

  std::filesystem::path file(const std::string& content) const {
    std::ofstream(directory_ / "quipu.json") << content;
    return directory_ / "quipu.json";
  }

  /// What holds for each key, with its source.
  static std::map<std::string, std::pair<std::string, std::string>> effective(
      const options& code, const configuration_sources& from = {}) {
    std::map<std::string, std::pair<std::string, std::string>> all;
    const auto values = effective_configuration(code, from);
    if (!values) ADD_FAILURE() << values.error().text;
    if (values)
      for (const auto& one : *values) all[one.name] = {one.value, one.source};
    return all;
  }

  temporary_directory directory_;

 private:
  std::vector<std::string> variables_;
};

}  // namespace quipu::test
