// How much there is, how fast it grows, and how long that lasts.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "doctor/finding.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {
namespace {

constexpr std::uint64_t scarce = 256ULL * 1024 * 1024;
constexpr double day = 86'400;

/// A burst is no rate.
constexpr double shortest_span = 600;

/// Bytes a second from the first of the newest commits until now; 0: nothing is known of it.
double growth(const evidence& known) {
  const auto& recent = known.recent;
  if (recent.commits == 0) return 0;
  const auto span = static_cast<double>(known.now.time_since_epoch().count() - recent.first_us) / 1'000'000;
  return span < shortest_span ? 0 : static_cast<double>(recent.bytes) / span;
}

std::uint64_t size_of(const std::filesystem::path& directory) {
  std::uint64_t out = 0;
  std::error_code gone;  // files come and go beside a live program
  for (std::filesystem::recursive_directory_iterator at(directory, gone), end; !gone && at != end;
       at.increment(gone)) {
    std::error_code unknown;
    const auto size = at->is_regular_file(unknown) ? at->file_size(unknown) : 0;
    if (!unknown) out += size;
  }
  return out;
}

}  // namespace

std::vector<finding> check_room(const evidence& known) {
  const auto speed = growth(known);
  std::string what = "the journal has " + size_text(known.sum.bytes);
  if (speed > 0)
    what += " and grew by " + size_text(static_cast<std::uint64_t>(speed * day)) + " a day lately";
  if (!known.sum.room)
    return {{level::note, what + "; the server does not tell how much room is left",
             "add ?monitor=HOST:PORT to the URL and it is looked up"}};
  const auto room = *known.sum.room;
  const auto left = speed > 0 ? static_cast<double>(room) / speed : 1e12;
  what += "; there is room for " + size_text(room);
  if (left < 365 * day) what += ": " + age_text(left) + " at that rate";
  const bool nats = known.url.starts_with("nats:");
  const std::string cure =
      nats ? "raise max_file_store or the account's limit, or make room: a full store refuses commands"
           : "make room on that disk: a full one refuses commands, and loses nothing";
  if (room < scarce || left < day) return {{level::care, what, cure}};
  if (left < 7 * day || room < known.sum.bytes / 10) return {{level::note, what, cure}};
  return {{level::ok, what, ""}};
}

std::vector<finding> check_directory(const evidence& known) {
  if (known.directory.empty()) return {};
  std::error_code error;
  const auto disk = std::filesystem::space(known.directory, error);
  if (error)
    return {{level::care, known.directory + ": " + error.message(),
             "--directory names the node's directory, in which checkpoints and read-models lie"}};
  const auto models = size_of(std::filesystem::path(known.directory) / "read-models");
  const auto checkpoints = size_of(std::filesystem::path(known.directory) / "checkpoints");
  const auto what = known.directory + ": checkpoints " + size_text(checkpoints) + ", read models " +
                    size_text(models) + ", room for " + size_text(disk.available);
  if (disk.available < scarce)
    return {{level::care, what, "make room on that disk: projections and snapshots wait until there is"}};
  if (disk.available < models)
    return {{level::note, what + ", less than a rebuild of all needs",
             "make room, or rebuild one projection at a time: quipu replay --projection"}};
  return {{level::ok, what, ""}};
}

}  // namespace quipu::tool
