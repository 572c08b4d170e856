/// A journal of some backend, its writer, and read models in a directory of the test's own.
#pragma once

#include <gtest/gtest.h>
#include <quipu/journal/open.hpp>
#include <quipu/projections/read_models.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "account.hpp"
#include "balances.hpp"
#include "journal_writer.hpp"
#include "statement.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {

using namespace std::chrono_literals;

/// A test that needs all of it has failed.
inline constexpr auto patience = 60s;

struct projected_journal {
  std::string name;
  std::function<std::string(const std::filesystem::path& directory)> url;
  /// Why it can't be tested on this machine; nothing: it can.
  std::function<std::optional<std::string>()> missing = [] { return std::nullopt; };
};
inline void PrintTo(const projected_journal& which, std::ostream* out) { *out << which.name; }

/// All rows of the live generation, as they are stored.
using stored_rows = std::map<std::pair<std::string, std::string>, std::string>;
stored_rows dump(read_models& models, const port::projection_type& what);

class projector_fixture : public testing::Test {
 protected:
  void open_journal(const std::string& url);
  template <class P>
  std::unique_ptr<projector> follow(const projector_options& how = quick()) {
    auto opened = models_->follow<P>(*journal_, how);
    if (!opened) throw std::runtime_error("follow: " + opened.error().text);
    return std::move(*opened);
  }
  /// Until everything that was written can be read.
  static void wait_for(projector& of, position at) {
    const auto done = of.wait_for(at, patience);
    ASSERT_TRUE(done) << done.error().text;
  }
  /// Until it has failed; its text.
  static std::string wait_for_failure(projector& of);
  /// Small waits, so that tests are quick.
  static projector_options quick() {
    projector_options how;
    how.first_wait = 1ms;
    how.look_again = 2ms;
    return how;
  }
  std::optional<bank::BalanceRowT> balance(const std::string& key) {
    return models_
        ->read<samples::balances>(
            [&](const samples::balances::tables& t) { return t.get<samples::balances::accounts>(key); })
        .value();
  }

  temporary_directory directory_;
  std::unique_ptr<journal::journal> journal_;
  std::optional<journal_writer> writer_;
  std::unique_ptr<read_models> models_ = std::make_unique<read_models>(directory_.path());
};

class following : public projector_fixture, public testing::WithParamInterface<projected_journal> {
 protected:
  void SetUp() override {
    if (auto reason = GetParam().missing()) GTEST_SKIP() << *reason;
    open_journal(GetParam().url(directory_.path()));
  }
};

}  // namespace quipu::test
