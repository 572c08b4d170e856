/// A projector that is killed, on a journal of some backend.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "projector_fixture.hpp"

namespace quipu::test {

struct killed_on {
  projected_journal journal;
  std::uint64_t kills;  ///< in the middle of its work; QUIPU_KILLS says another number
};
inline void PrintTo(const killed_on& which, std::ostream* out) { *out << which.journal.name; }

class killed : public projector_fixture, public testing::WithParamInterface<killed_on> {
 protected:
  void SetUp() override {
    if (auto reason = GetParam().journal.missing()) GTEST_SKIP() << *reason;
    url_ = GetParam().journal.url(directory_.path());
    open_journal(url_);
  }
  std::string url_;
};

}  // namespace quipu::test
