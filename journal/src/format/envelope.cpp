#include "format/envelope.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace quipu::journal::envelope {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian and is read in place");

/// The front as it lies in the record. Every member is at its natural offset: the struct is the layout.
struct front {
  std::array<char, 4> magic;
  std::uint16_t version;
  std::uint16_t flags;
  std::uint32_t body_length;
  std::uint8_t kind;
  std::array<std::uint8_t, 3> zero;
};
static_assert(sizeof(front) == front_size);

constexpr std::array<char, 4> magic{'Q', 'U', 'I', 'P'};

constexpr std::uint16_t known_flags(record_kind kind) {
  return kind == record_kind::batch ? flag_expiry | flag_source : 0;
}

/// Checksums are stored with the most significant byte first, as xxhsum prints them.
std::array<std::uint8_t, footer_size> to_footer(const checksum& sum) {
  std::array<std::uint8_t, footer_size> out;
  for (unsigned i = 0; i < 8; ++i) {
    out[i] = static_cast<std::uint8_t>(sum.high >> (56 - 8 * i));
    out[8 + i] = static_cast<std::uint8_t>(sum.low >> (56 - 8 * i));
  }
  return out;
}

checksum from_footer(const std::uint8_t* in) {
  checksum sum;
  for (unsigned i = 0; i < 8; ++i) {
    sum.high = (sum.high << 8U) | in[i];
    sum.low = (sum.low << 8U) | in[8 + i];
  }
  return sum;
}

std::string_view name_of_kind(std::uint8_t kind) {
  switch (static_cast<record_kind>(kind)) {
    case record_kind::header:
      return "a journal header";
    case record_kind::batch:
      return "a batch";
  }
  return "of an unknown kind";
}

result<front> check_front(record_kind expected, bytes_view record) {
  if (record.size() < front_size + footer_size) {
    return fail(error_code::record_cut_short, "The record is cut short: it has " +
                                                  std::to_string(record.size()) +
                                                  " bytes, its envelope alone needs 32.");
  }
  if (reinterpret_cast<std::uintptr_t>(record.data()) % 8 != 0) {
    return fail(
        error_code::record_unaligned,
        "The record's bytes are not 8-byte aligned in memory: copy them into an aligned buffer first.");
  }
  front f;
  std::memcpy(&f, record.data(), sizeof f);
  if (f.magic != magic) {
    return fail(error_code::record_malformed,
                "The record does not begin with QUIP: these bytes are no Quipu record.");
  }
  if (f.version != format_version) {
    return fail(f.version > format_version ? error_code::record_version : error_code::record_malformed,
                "The record has format version " + std::to_string(f.version) +
                    ", this program knows version " + std::to_string(format_version) +
                    (f.version > format_version ? ": use a newer program." : "."));
  }
  if ((f.flags & ~known_flags(expected)) != 0) {
    return fail(error_code::record_version, "The record carries flags (" + std::to_string(f.flags) +
                                                ") that this program does not know: use a newer program.");
  }
  auto room = record.size() - front_size - footer_size;
  if (f.body_length != room) {
    return fail(error_code::record_cut_short, "The record says that its body has " +
                                                  std::to_string(f.body_length) + " bytes, but there are " +
                                                  std::to_string(room) + ".");
  }
  if (f.zero != std::array<std::uint8_t, 3>{}) {
    return fail(error_code::record_malformed, "The record's reserved bytes 13 to 15 are not zero.");
  }
  if (f.kind != static_cast<std::uint8_t>(expected)) {
    return fail(error_code::record_malformed,
                "The record is " + std::string(name_of_kind(f.kind)) + " where " +
                    std::string(name_of_kind(static_cast<std::uint8_t>(expected))) + " is expected.");
  }
  return f;
}

}  // namespace

std::shared_ptr<const bytes> wrap(record_kind kind, bytes_view body, std::uint16_t flags) {
  if (body.size() % 8 != 0 || body.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::logic_error("a record's body must be a multiple of 8 bytes, below 4 GiB");
  }
  front f{
      magic, format_version, flags, static_cast<std::uint32_t>(body.size()), static_cast<std::uint8_t>(kind),
      {}};
  std::array<std::uint8_t, front_size> front_bytes;
  std::memcpy(front_bytes.data(), &f, sizeof f);

  auto record = std::make_shared<bytes>();
  record->reserve(front_size + body.size() + footer_size);
  record->insert(record->end(), front_bytes.begin(), front_bytes.end());
  record->insert(record->end(), body.begin(), body.end());
  auto footer = to_footer(checksum_of(*record));
  record->insert(record->end(), footer.begin(), footer.end());
  return record;
}

result<opened> unwrap(record_kind expected, bytes_view record) {
  auto f = check_front(expected, record);
  if (!f) return std::unexpected(std::move(f.error()));
  auto covered = record.first(record.size() - footer_size);
  auto stored = from_footer(record.data() + covered.size());
  auto computed = checksum_of(covered);
  if (stored != computed) {
    return fail(error_code::record_checksum, "The record's checksum does not hold (stored " + stored.hex() +
                                                 ", computed " + computed.hex() +
                                                 "): its bytes were damaged or changed.");
  }
  return opened{covered.subspan(front_size), stored, f->flags};
}

}  // namespace quipu::journal::envelope
