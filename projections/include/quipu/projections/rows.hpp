/// The border between typed tables and whatever holds their rows: the projector's transaction, a reader's snapshot,
/// or the test kit's map.
#pragma once

#include <quipu/journal/failure.hpp>
#include <quipu/journal/id.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace quipu::port {

/// The rows could not be read: thrown through the code that asked for them, and caught by who called it.
struct row_trouble : std::runtime_error {
  explicit row_trouble(journal::failure failure)
      : std::runtime_error(failure.text), why(std::move(failure)) {}
  journal::failure why;
};

/// Rows by table, a number, and key. One thread. Views hold until the next call. Every member may throw row_trouble.
class rows {
 public:
  struct found {
    std::string_view key;
    bytes_view row;
  };
  virtual ~rows() = default;
  virtual std::optional<bytes_view> get(std::uint32_t table, std::string_view key) = 0;
  /// The first row whose key is not less.
  virtual std::optional<found> at_or_after(std::uint32_t table, std::string_view key) = 0;
  virtual void put(std::uint32_t table, std::string_view key, bytes_view row) = 0;
  virtual void erase(std::uint32_t table, std::string_view key) = 0;
};

/// The rows of a generation as of one commit. put() and erase() throw std::logic_error.
class row_snapshot : public rows {
 public:
  /// The last row whose key is less; without a key the table's last.
  virtual std::optional<found> before(std::uint32_t table, std::optional<std::string_view> key) = 0;
  virtual std::uint64_t count(std::uint32_t table) = 0;
};

}  // namespace quipu::port
