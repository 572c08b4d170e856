/// A bank in another process, to be killed, and what its journal says of each transfer.
#pragma once

#include <gtest/gtest.h>
#include <quipu/runtime.hpp>

#include <cstdint>
#include <string>

#include "reaction_journal.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "transfer_books.hpp"

namespace quipu::test {

class killed_bank : public testing::TestWithParam<reaction_journal> {
 protected:
  void SetUp() override {
    if (auto reason = GetParam().missing()) GTEST_SKIP() << *reason;
    url_ = GetParam().url(directory_.path());
  }
  static int kills();
  runtime open_bank();
  void open_accounts();
  process start(const char* what, std::uint64_t seed);
  void check();

  temporary_directory directory_;
  std::string url_;
  transfer_books books_;
};

}  // namespace quipu::test
