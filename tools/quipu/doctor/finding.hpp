/// What `quipu doctor` has to say: the facts that it gathered, and the findings that checks make of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <quipu/checkpoints.hpp>
#include <quipu/journal/journal.hpp>
#include <quipu/module.hpp>
#include <quipu/projections/kept_projection.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/greeting.hpp"
#include "projection/distance.hpp"
#include "reading/recent_records.hpp"

namespace quipu::tool {

enum class level : std::uint8_t {
  ok,    ///< as it should be
  note,  ///< worth knowing; nothing is broken
  care,  ///< somebody should do something
};
std::string_view name_of(level how);

/// One line each; text from journals and servers is not made printable yet.
struct finding {
  level how = level::ok;
  std::string what;
  std::string cure;  ///< empty where nothing is to be done
};

struct examined_projection {
  std::string name;
  journal::result<kept_projection> kept;
  std::optional<journal::result<distance>> behind;  ///< of the live generation, where it follows this journal
};

struct examined_checkpoints {
  id128 incarnation;
  std::vector<checkpointed_partition> partitions;
  std::optional<position> replay_from;  ///< the least of all; nothing where there is no snapshot
  std::int64_t replay_from_us = 0;      ///< when the record there was written; 0: it is not known
};

/// Gathered once; checks only look.
struct evidence {
  std::string url;
  std::string directory;  ///< empty: none was named
  std::vector<greeting> greetings;
  journal::identity about;
  journal::summary sum;
  recent_records recent;
  std::vector<journal::stored_schema> schemas;
  std::vector<examined_projection> projections;
  std::optional<journal::result<examined_checkpoints>> checkpoints;  ///< where a directory was named
  std::optional<module> loaded;
  std::chrono::sys_time<std::chrono::microseconds> now;
};

/// For people: "17 s", "5 min", "3 h", "4 days".
std::string age_text(double seconds);
/// "lmdb:PATH" as a shell takes it, without secrets: for cures.
std::string shown_url(const evidence& known);

// The checks, a family a file; doctor.cpp has the table.
std::vector<finding> check_server(const evidence& known);
std::vector<finding> check_versions(const evidence& known);
std::vector<finding> check_durability(const evidence& known);
std::vector<finding> check_records(const evidence& known);
std::vector<finding> check_commits(const evidence& known);
std::vector<finding> check_schemas(const evidence& known);
std::vector<finding> check_room(const evidence& known);
std::vector<finding> check_directory(const evidence& known);
std::vector<finding> check_skew(const evidence& known);
std::vector<finding> check_owners(const evidence& known);
std::vector<finding> check_recovery(const evidence& known);
std::vector<finding> check_projections(const evidence& known);
std::vector<finding> check_module(const evidence& known);

}  // namespace quipu::tool
