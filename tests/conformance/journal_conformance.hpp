/// What every journal must do. A backend's test file instantiates this suite with its `backend` and adds
/// nothing else.
#pragma once

#include <gtest/gtest.h>
#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "support/temporary_directory.hpp"

namespace quipu::test {

struct backend {
  std::string name;
  /// The URL of a place where no journal is; the directory is the test's own.
  std::function<std::string(const std::filesystem::path& directory)> url;
  bool survives_closing = true;  ///< what was written is there again after the journal was closed
  bool one_writer = true;        ///< a second opening for writing is refused while the first lives
  std::uint32_t replicas = 1;
  /// Why it can't be tested on this machine; nothing: it can.
  std::function<std::optional<std::string>()> missing = [] { return std::nullopt; };
};

inline void PrintTo(const backend& which, std::ostream* out) { *out << which.name; }
inline std::string name_of(const testing::TestParamInfo<backend>& info) { return info.param.name; }

class journal_conformance : public testing::TestWithParam<backend> {
 protected:
  static constexpr std::uint32_t partitions = 4;
  static constexpr std::uint32_t max_record_bytes = 64 * 1024;
  static constexpr record_number none = 0;

  void SetUp() override {
    if (auto reason = GetParam().missing()) GTEST_SKIP() << *reason;
    url_ = GetParam().url(directory_.path());
  }

  static journal::creation small() {
    return {.partitions = partitions,
            .max_record_bytes = max_record_bytes,
            .creator = "conformance",
            .replicas = GetParam().replicas};
  }
  /// Opens the test's journal, creates it first where there is none; a failure ends the test.
  std::unique_ptr<journal::journal> open();

  /// A real record of this journal whose one event holds `text`.
  static std::shared_ptr<const bytes> record(const journal::journal& in, journal::partition_id partition,
                                             std::string_view text);
  /// One of exactly `size` bytes, a multiple of 8.
  static std::shared_ptr<const bytes> record_of_size(const journal::journal& in, std::size_t size);

  // The asynchronous calls, waited for. A callback that does not come fails the test.
  static journal::append_result append(journal::journal& to, journal::partition_id partition,
                                       record_number expected, std::shared_ptr<const bytes> record);
  static journal::result<std::optional<journal::stored_record>> successor(journal::journal& of,
                                                                          journal::partition_id partition,
                                                                          record_number tail);
  static journal::result<std::optional<journal::stored_record>> tail(journal::journal& of,
                                                                     journal::partition_id partition);

  /// Appends `count` records to `partition` and gives their numbers.
  static std::vector<record_number> fill(journal::journal& to, journal::partition_id partition, int count);
  /// Everything that the cursor has now.
  static std::vector<journal::stored_record> drain(journal::cursor& from);
  static std::vector<record_number> numbers(const std::vector<journal::stored_record>& records);

  temporary_directory directory_;
  std::string url_;
};

}  // namespace quipu::test
