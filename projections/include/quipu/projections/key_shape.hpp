/// Keys of a table as text, and back, by what the table's store says of them: for programs without its types.
///
///     text           a key of text: `acc-17`. Bytes that are not printable ASCII, and backslashes, are \xHH
///     u64, i32, ...  a number: `-5`; `descending u64` is one whose greatest comes first
///     event          an event's id: `account/acc-17@3`
///     (text, u8)     some of them: `(SFO, 7)`; within, what would divide them is \xHH too
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quipu {

class key_shape {
 public:
  /// What projection_table::key holds. Nothing: these words are not known here.
  static std::optional<key_shape> parse(std::string_view words);

  /// Takes the key from the front of stored bytes; as a further key (not `last`) something may follow it there. Throws
  /// std::runtime_error for bytes that are none.
  std::string text(std::string_view& stored, bool last) const;

  struct stored_key {
    std::string bytes;
    bool whole =
        true;  ///< false: some of its parts, from the first on; keys that have them begin with these bytes
  };
  /// The reverse of text(), or what is wrong with the text. Without a backslash it is taken as it is. Of an event's id the
  /// end may be missing (`account/acc-17`, `account`), of parts the last ones (`(SFO)`).
  std::expected<stored_key, std::string> stored(std::string_view text, bool last) const;
  /// With what keys begin that begin with this text.
  std::expected<std::string, std::string> stored_prefix(std::string_view text, bool last) const;

  std::string words() const;

 private:
  enum class kind : std::uint8_t { text, number, event, parts };
  enum class wanted : std::uint8_t { whole, beginning };

  static std::optional<key_shape> take(std::string_view& words);
  void put_text(std::string_view& stored, bool last, bool among_parts, std::string& out) const;
  bool put_stored(std::string_view text, bool last, wanted what, std::string& out) const;
  bool put_parts(std::string_view text, bool last, wanted what, std::string& out) const;
  void put_number(std::string_view text, std::string& out) const;

  kind is_ = kind::text;
  std::uint8_t bytes_ = 0;
  bool negative_ = false;
  bool descending_ = false;
  std::vector<key_shape> parts_;
};

}  // namespace quipu
