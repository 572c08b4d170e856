/// How an index lies on the disk: blocks in a file that only grows, each with a checksum, none ever changed.
///
/// It begins with a block that says what it is. Then come *pieces* (what a run of records of one partition holds) and
/// *chapters*: all pieces before a chapter belong together, and it says up to which record they go. What stands behind the
/// last chapter does not count: a builder that was killed left it, or one is at work. So a reader needs no lock, and to go
/// on one cuts the file behind the last chapter.
///
/// A piece does not name entities and commands but has 32 bits of a hash of each: a reader looks through all of its
/// partition (4 bytes a commit), gets one wrong record in 4 billion commits, and sees that when it reads it.
///
/// Why not LMDB: a cache must survive any bytes, and LMDB, which reads through a map, may crash on a file that was cut or
/// damaged. Nothing here is looked up by key.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <quipu/journal/record.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reading/range_reader.hpp"
#include "reading/time_argument.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool::index_format {

/// Of this file and of all that it says about records: another version is thrown away.
inline constexpr int version = 1;

enum class block_kind : std::uint32_t { head = 1, piece = 2, chapter = 3 };

struct block {
  block_kind kind{};
  journal::partition_id partition = 0;  ///< of a piece
  std::uint64_t offset = 0;             ///< of its body in the file
  std::uint32_t size = 0;               ///< of its body
  checksum sum;                         ///< of its body
};

/// Appends a block to `out`.
void put(std::string& out, block_kind kind, journal::partition_id partition, std::string_view body);

std::uint32_t signature_of_entity(std::uint64_t entity_hash);
std::uint32_t signature_of_command(const id128& command);

/// What a run of records of one partition holds.
struct piece {
  struct record {
    record_number number = 0;
    std::uint32_t end =
        0;  ///< of its commits in the lists below; they begin where those of the record before end
    std::uint32_t reserved = 0;
  };
  time_span time;  ///< of its commits
  std::vector<record> records;
  std::vector<std::uint32_t> entities;  ///< a commit each
  std::vector<std::uint32_t> commands;  ///< a commit each

  void add(const journal::record_view& view, record_number number);
  std::string encoded() const;
  /// Nothing for bytes that encoded() does not make.
  static std::optional<piece> decoded(std::string_view body);
};

/// An open file to read, at its blocks up to the last chapter.
class reader {
 public:
  /// The error is a line for people: why this is not an index to be used, or why it cannot be read. Nothing: there is none.
  static std::expected<std::optional<reader>, std::string> open(const std::filesystem::path& file,
                                                                const id128& incarnation);
  ~reader();
  reader(reader&& other) noexcept;
  reader& operator=(reader&& other) noexcept;

  const std::vector<block>& pieces() const { return pieces_; }
  /// Of the last chapter.
  const json& chapter() const { return chapter_; }
  /// Where the last chapter ends.
  std::uint64_t end() const { return end_; }
  /// The bytes behind the last chapter are none that a builder leaves.
  bool damaged() const { return damaged_; }
  /// Nothing where the bytes are not those that were written.
  std::optional<std::string> body(const block& of) const;

 private:
  explicit reader(int descriptor) : descriptor_(descriptor) {}
  std::optional<std::string> read(std::uint64_t offset, std::size_t size) const;
  std::optional<block> block_at(std::uint64_t offset);
  std::expected<bool, std::string> understand(const id128& incarnation);

  int descriptor_;
  std::vector<block> pieces_;
  json chapter_;
  std::uint64_t end_ = 0;
  bool damaged_ = false;
};

}  // namespace quipu::tool::index_format
