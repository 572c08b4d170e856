#include "reading/journal_index.hpp"

#include <cstdlib>
#include <utility>

namespace quipu::tool {
namespace {

std::filesystem::path directory_in(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody changes it
  // What is not absolute is to be ignored, says the XDG specification.
  return value != nullptr && value[0] == '/' ? std::filesystem::path(value) : std::filesystem::path();
}

bool overlap(const time_span& one, const time_span& other) {
  return one.first_us <= other.last_us && other.first_us <= one.last_us;
}

/// The records of a piece that may hold what is looked for.
void find_in(const index_format::piece& piece, const looked_for& what, std::vector<record_range>& into) {
  if (piece.records.empty() || !overlap(piece.time, what.time)) return;
  if (!what.entity && !what.command) {  // only its time is known
    into.push_back({piece.records.front().number, piece.records.back().number});
    return;
  }
  const auto entity =
      what.entity
          ? index_format::signature_of_entity(journal::entity_hash(what.entity->category, what.entity->key))
          : 0;
  const auto command = what.command ? index_format::signature_of_command(*what.command) : 0;
  std::uint32_t at = 0;
  for (const auto& record : piece.records) {
    bool found = false;
    for (; at < record.end; ++at)
      found |=
          (!what.entity || piece.entities[at] == entity) && (!what.command || piece.commands[at] == command);
    if (found) into.push_back({record.number, record.number});
  }
}

}  // namespace

void add_index_option(CLI::App& app, index_arguments& into) {
  app.add_option("--index", into.directory,
                 "Where indexes lie (see quipu journal index --help); else in the user's cache")
      ->type_name("DIRECTORY")
      ->check([](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); });
}

std::optional<std::filesystem::path> place_of_index(const index_arguments& given, const id128& incarnation) {
  std::filesystem::path directory = given.directory;
  if (directory.empty()) {
    if (auto cache = directory_in("XDG_CACHE_HOME"); !cache.empty()) {
      directory = cache / "quipu";
    } else if (auto home = directory_in("HOME"); !home.empty()) {
      directory = home / ".cache" / "quipu";
    } else {
      return std::nullopt;
    }
  }
  return directory / incarnation.hex();
}

std::optional<journal_index> journal_index::open(const index_arguments& given, journal::journal& of,
                                                 const journal::summary& now) {
  const auto place = place_of_index(given, of.about().incarnation);
  if (!place) return std::nullopt;
  const auto name = *place / index_file;
  auto found = look(name, of, now);
  if (!found) {
    complain("the index " + name.string() + " is not used, it " + found.error() +
             ": quipu journal index makes it anew");
    return std::nullopt;
  }
  if (*found && (*found)->file_.damaged())
    complain("the index " + name.string() + " is damaged behind record " +
             std::to_string((*found)->through_) +
             ": from there on the journal is read; quipu journal index mends it");
  return std::move(*found);
}

std::expected<std::optional<journal_index>, std::string> journal_index::look(
    const std::filesystem::path& file, journal::journal& of, const journal::summary& now) {
  auto opened = index_format::reader::open(file, of.about().incarnation);
  if (!opened) return std::unexpected(std::move(opened.error()));
  if (!*opened) return std::nullopt;
  journal_index index(std::move(**opened), file);
  try {
    const auto& chapter = index.file_.chapter();
    chapter.at("through").get_to(index.through_);
    for (const auto& range : chapter.at("unreadable"))
      index.unreadable_.push_back({range.at(0).get<record_number>(), range.at(1).get<record_number>()});
    index.figures_ = journal_figures::decoded(chapter.at("figures"));
    if (auto why = index.distrust(of, now)) return std::unexpected(std::move(*why));
  } catch (const json::exception&) {
    return std::unexpected("is damaged in its last chapter");
  }
  return index;
}

/// A journal that was restored from a copy keeps its incarnation: its last indexed record must be what it was.
std::optional<std::string> journal_index::distrust(journal::journal& of, const journal::summary& now) const {
  if (through_ > now.last) return "knows records that the journal has not";
  const auto& anchor = file_.chapter().at("anchor");
  if (anchor.is_null()) return std::nullopt;
  const auto number = anchor.at("record").get<record_number>();
  range_reader reader(of, {number, number}, anchor.at("partition").get<journal::partition_id>());
  const auto found = reader.next();
  if (reader.failure()) return "cannot be compared with the journal: " + describe(*reader.failure());
  const auto* record = found ? std::get_if<read_record>(&*found) : nullptr;
  if (record == nullptr || record->view.sum().hex() != anchor.at("sum").get_ref<const std::string&>())
    return "does not fit the journal at record " + std::to_string(number);
  return std::nullopt;
}

std::optional<std::vector<record_range>> journal_index::find(
    const looked_for& what, std::optional<journal::partition_id> only) const {
  auto out = unreadable_;
  for (const auto& block : file_.pieces()) {
    if (only && block.partition != *only) continue;
    const auto body = file_.body(block);
    const auto piece = body ? index_format::piece::decoded(*body) : std::nullopt;
    if (!piece) {
      complain("the index " + name_.string() +
               " is damaged, the journal is read instead: quipu journal index makes it anew");
      return std::nullopt;
    }
    find_in(*piece, what, out);
  }
  return out;
}

}  // namespace quipu::tool
