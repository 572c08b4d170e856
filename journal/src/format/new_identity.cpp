#include "format/new_identity.hpp"

#include <chrono>
#include <string>

namespace quipu::journal {
namespace {

constexpr std::uint32_t most_partitions = 65536;
constexpr std::uint32_t least_record_bytes = 4 * 1024;
constexpr std::uint32_t most_record_bytes =
    64 * 1024 * 1024;  // what a NATS server can be told to take at most

}  // namespace

result<void> check_creation(const creation& how) {
  if (how.partitions == 0 || how.partitions > most_partitions) {
    return fail(error_code::journal_invalid, "A journal has 1 to " + std::to_string(most_partitions) +
                                                 " partitions, not " + std::to_string(how.partitions) + ".");
  }
  if (how.max_record_bytes < least_record_bytes || how.max_record_bytes > most_record_bytes) {
    return fail(error_code::journal_invalid, "max_record_bytes must lie between " +
                                                 std::to_string(least_record_bytes) + " and " +
                                                 std::to_string(most_record_bytes) + ", not be " +
                                                 std::to_string(how.max_record_bytes) + ".");
  }
  return {};
}

identity new_identity(const creation& how) {
  using namespace std::chrono;
  return {.lineage = how.lineage ? how.lineage : id128::random(),
          .incarnation = id128::random(),
          .partitions = how.partitions,
          .max_record_bytes = how.max_record_bytes,
          .created_us = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count(),
          .creator = how.creator};
}

}  // namespace quipu::journal
