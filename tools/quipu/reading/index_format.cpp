#include "reading/index_format.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <utility>

namespace quipu::tool::index_format {
namespace {

/// What stands before a body, as it lies in the file.
struct front {
  std::array<char, 4> magic;
  std::uint32_t kind;
  std::uint32_t partition;
  std::uint32_t size;
  checksum body;
  std::uint64_t sum;  ///< of what stands before it
};
static_assert(sizeof(front) == 40 && std::is_trivially_copyable_v<front>);

constexpr std::array<char, 4> magic{'Q', 'I', 'D', 'X'};

std::uint64_t sum_of(const front& f) {
  const std::string_view bytes(reinterpret_cast<const char*>(&f), offsetof(front, sum));
  return checksum_of(as_bytes(bytes)).low;
}

/// What stands before the lists of a piece.
struct piece_front {
  std::int64_t first_us;
  std::int64_t last_us;
  std::uint32_t records;
  std::uint32_t commits;
};
static_assert(sizeof(piece_front) == 24);

template <class T>
void put_list(std::string& out, const std::vector<T>& list) {
  out.append(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(T));
}

template <class T>
void take_list(std::string_view& from, std::size_t count, std::vector<T>& into) {
  into.resize(count);
  if (count > 0) std::memcpy(into.data(), from.data(), count * sizeof(T));
  from.remove_prefix(count * sizeof(T));
}

}  // namespace

void put(std::string& out, block_kind kind, journal::partition_id partition, std::string_view body) {
  front f{magic,
          static_cast<std::uint32_t>(kind),
          partition,
          static_cast<std::uint32_t>(body.size()),
          checksum_of(as_bytes(body)),
          0};
  f.sum = sum_of(f);
  out.append(reinterpret_cast<const char*>(&f), sizeof f);
  out += body;
}

// The low bits choose the partition.
std::uint32_t signature_of_entity(std::uint64_t entity_hash) {
  return static_cast<std::uint32_t>(entity_hash >> 32U);
}

std::uint32_t signature_of_command(const id128& command) {
  return static_cast<std::uint32_t>(((command.low ^ command.high) * 0x9e3779b97f4a7c15ULL) >> 32U);
}

void piece::add(const journal::record_view& view, record_number number) {
  for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
    const auto commit = view.commit_at(i);
    time.first_us = entities.empty() ? commit.time_us : std::min(time.first_us, commit.time_us);
    time.last_us = entities.empty() ? commit.time_us : std::max(time.last_us, commit.time_us);
    entities.push_back(signature_of_entity(journal::entity_hash(commit.category, commit.key)));
    commands.push_back(signature_of_command(commit.command));
  }
  records.push_back({.number = number, .end = static_cast<std::uint32_t>(entities.size())});
}

std::string piece::encoded() const {
  const piece_front f{time.first_us, time.last_us, static_cast<std::uint32_t>(records.size()),
                      static_cast<std::uint32_t>(entities.size())};
  std::string out(reinterpret_cast<const char*>(&f), sizeof f);
  put_list(out, records);
  put_list(out, entities);
  put_list(out, commands);
  return out;
}

std::optional<piece> piece::decoded(std::string_view body) {
  piece_front f{};
  if (body.size() < sizeof f) return std::nullopt;
  std::memcpy(&f, body.data(), sizeof f);
  body.remove_prefix(sizeof f);
  if (body.size() != std::uint64_t{f.records} * sizeof(record) + std::uint64_t{f.commits} * 8)
    return std::nullopt;
  piece out{.time = {f.first_us, f.last_us}, .records = {}, .entities = {}, .commands = {}};
  take_list(body, f.records, out.records);
  take_list(body, f.commits, out.entities);
  take_list(body, f.commits, out.commands);
  std::uint32_t end = 0;
  for (const auto& one : out.records) {
    if (one.end < end || one.end > f.commits) return std::nullopt;
    end = one.end;
  }
  return out;
}

reader::~reader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

reader::reader(reader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      pieces_(std::move(other.pieces_)),
      chapter_(std::move(other.chapter_)),
      end_(other.end_),
      damaged_(other.damaged_) {}

reader& reader::operator=(reader&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  pieces_ = std::move(other.pieces_);
  chapter_ = std::move(other.chapter_);
  end_ = other.end_;
  damaged_ = other.damaged_;
  return *this;
}

std::expected<std::optional<reader>, std::string> reader::open(const std::filesystem::path& file,
                                                               const id128& incarnation) {
  reader opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.descriptor_ < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return std::unexpected(std::string("cannot be opened: ") +
                           std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  }
  auto something = opened.understand(incarnation);
  if (!something) return std::unexpected(std::move(something.error()));
  if (!*something) return std::nullopt;
  return opened;
}

/// Reads all fronts and the last chapter; false where no chapter was ended yet.
std::expected<bool, std::string> reader::understand(const id128& incarnation) {
  auto head = block_at(0);
  if (!head && !damaged_) return false;
  const auto says = head && head->kind == block_kind::head ? body(*head) : std::nullopt;
  const auto about = says ? json::parse(*says, nullptr, false) : json(json::value_t::discarded);
  if (!about.is_object()) return std::unexpected("is damaged at its beginning");
  if (about.value("version", json()) != version)
    return std::unexpected("is of another version of this program");
  if (about.value("incarnation", json()) != incarnation.hex())
    return std::unexpected("belongs to another journal");

  std::optional<block> last;
  std::vector<block> pieces;
  for (auto at = head->offset + head->size;;) {
    auto next = block_at(at);
    if (!next) break;
    at = next->offset + next->size;
    if (next->kind == block_kind::piece) {
      pieces.push_back(*next);
      continue;
    }
    last = *next;
    end_ = at;
    pieces_.insert(pieces_.end(), pieces.begin(), pieces.end());
    pieces.clear();
  }
  if (!last) {
    if (damaged_) return std::unexpected("is damaged before its first chapter");
    return false;
  }
  const auto text = body(*last);
  chapter_ = text ? json::parse(*text, nullptr, false) : json(json::value_t::discarded);
  if (!chapter_.is_object()) return std::unexpected("is damaged in its last chapter");
  return true;
}

/// Nothing at the end, and where no block begins; the latter, unless the file merely ends within it, is damage.
std::optional<block> reader::block_at(std::uint64_t offset) {
  const auto bytes = read(offset, sizeof(front));
  if (!bytes) return std::nullopt;
  front f;
  std::memcpy(&f, bytes->data(), sizeof f);
  if (f.magic != magic || f.sum != sum_of(f)) {
    damaged_ = true;
    return std::nullopt;
  }
  const block found{static_cast<block_kind>(f.kind), f.partition, offset + sizeof f, f.size, f.body};
  if (f.size > 0 && !read(found.offset + f.size - 1, 1)) return std::nullopt;
  return found;
}

std::optional<std::string> reader::body(const block& of) const {
  auto bytes = read(of.offset, of.size);
  if (bytes && checksum_of(as_bytes(*bytes)) != of.sum) return std::nullopt;
  return bytes;
}

/// All of it or nothing.
std::optional<std::string> reader::read(std::uint64_t offset, std::size_t size) const {
  std::string out(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const auto got = ::pread(descriptor_, out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got == 0 || (got < 0 && errno != EINTR)) return std::nullopt;
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return out;
}

}  // namespace quipu::tool::index_format
