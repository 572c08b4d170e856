/// The bytes of a known record and of a known header. When one of these tests fails the format has changed:
/// journals that exist would no longer be read or chained the same way. Raise the format version, keep
/// reading the old one.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "sample_batch.hpp"

namespace quipu::test {
namespace {

std::string hex_lines(bytes_view data) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < data.size(); ++i) {
    out += digits[data[i] >> 4U];
    out += digits[data[i] & 0xfU];
    if (i % 32 == 31 || i + 1 == data.size()) out += '\n';
  }
  return out;
}

std::string stored(const std::string& name) {
  std::ifstream in(std::string(QUIPU_TEST_DATA) + "/" + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST(golden_record, a_batch_has_always_these_bytes) {
  EXPECT_EQ(hex_lines(*sample_batch::fixed().seal()), stored("golden_batch.hex"));
}

TEST(golden_record, a_header_has_always_these_bytes) {
  EXPECT_EQ(hex_lines(*journal::encode_header({{1, 2}, {3, 4}, 16, 786432, 1'700'000'000'000'000, "golden"})),
            stored("golden_header.hex"));
}

}  // namespace quipu::test
