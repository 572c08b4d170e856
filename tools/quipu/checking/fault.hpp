/// What is wrong in a journal, and where.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <quipu/journal/journal.hpp>
#include <string>
#include <string_view>

namespace quipu::tool {

/// Of which kind a fault is: words for programs (the help of `journal verify` says what each means).
namespace fault_kind {
inline constexpr std::string_view unreadable = "unreadable";
inline constexpr std::string_view record = "record";
inline constexpr std::string_view foreign = "foreign";
inline constexpr std::string_view chain = "chain";
inline constexpr std::string_view tail = "tail";
inline constexpr std::string_view epoch = "epoch";
inline constexpr std::string_view claim = "claim";
inline constexpr std::string_view time = "time";
inline constexpr std::string_view partition = "partition";
inline constexpr std::string_view sequence = "sequence";
inline constexpr std::string_view source = "source";
inline constexpr std::string_view schema = "schema";
inline constexpr std::string_view payload = "payload";
inline constexpr std::string_view module = "module";
}  // namespace fault_kind

struct fault {
  std::string_view kind;
  record_number record = 0;                        ///< 0: it is not of one record
  record_number last_record = 0;                   ///< of a range that can't be read; 0: of one record
  std::optional<journal::partition_id> partition;  ///< nothing: not known
  std::optional<std::uint32_t> index;              ///< of the event within its record
  std::string event;                               ///< its id; empty: it is not of one event
  std::string what;                                ///< a sentence without its end
  std::optional<error_code> code;                  ///< where `quipu explain` knows it
};

using fault_sink = std::function<void(fault)>;

}  // namespace quipu::tool
