#include "copying/export_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <quipu/journal/schema.hpp>
#include <system_error>
#include <utility>

#include "copying/line_fields.hpp"
#include "copying/line_reader.hpp"
#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

constexpr std::uint64_t most_records = (1ULL << 48U) - 1;

class export_reader final : public record_source {
 public:
  export_reader(std::string name, int descriptor) : name_(std::move(name)), lines_(descriptor) {}

  from_source<void> read_head();
  const export_head& head() const override { return head_; }
  from_source<std::optional<copied_record>> next() override;
  std::string place() const override { return "line " + std::to_string(lines_.number()); }

 private:
  /// A line, its sum checked; nothing when the program is asked to stop.
  from_source<std::optional<parsed_json>> read_line(const char* wanted);
  from_source<bool> read_commit(copied_record& into, std::uint32_t& next_event);
  from_source<void> check_end(const parsed_json& line);
  std::unexpected<source_trouble> wrong(const std::string& what) const {
    return std::unexpected(source_trouble{name_ + ", line " + std::to_string(lines_.number()) + ": " + what});
  }

  std::string name_;
  line_reader lines_;
  line_sums sums_;
  export_head head_;
  record_number last_ = 0;
  export_counts counts_;
  bool over_ = false;
};

from_source<std::optional<parsed_json>> export_reader::read_line(const char* wanted) {
  auto read = lines_.next();
  if (!read) return std::unexpected(source_trouble{name_ + ": " + read.error(), exit_code::not_opened});
  if (!*read) {
    if (interrupted()) return std::nullopt;
    return std::unexpected(source_trouble{name_ + " ends behind line " + std::to_string(lines_.number()) +
                                          ", where " + wanted +
                                          " should follow: the export was cut off. Export again and start "
                                          "the import again: it goes on with what "
                                          "is missing"});
  }
  const auto& [text, whole] = **read;
  if (!whole)
    return wrong("it is cut off. Export again and start the import again: it goes on with what is missing");
  constexpr std::string_view begin = "{\"sum\":\"";
  const auto prefix = line_sums::prefix_bytes;
  if (!text.starts_with(begin) || text.size() < prefix || text.substr(prefix - 2, 2) != "\",")
    return wrong("it does not begin with " + std::string(begin) + "…\": this is no line of an export");
  if (text.substr(begin.size(), 32) != sums_.next(text.substr(prefix)))
    return wrong(
        "its sum does not hold: the line was changed, or lines before it are missing or in another order");
  auto parsed = parsed_json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return wrong("it is no JSON");
  return parsed;
}

from_source<void> export_reader::read_head() {
  auto read = read_line("the header");
  if (!read) return std::unexpected(std::move(read.error()));
  if (!*read) return {};
  field_trouble trouble;
  const line_fields line(**read, "", trouble);
  if (line.text("kind") != "header" || line.text("format") != export_format_name)
    return wrong("it is not the header of an export: \"format\" should be " +
                 std::string(export_format_name));
  if (const auto version = line.number("version"); trouble.text.empty() && version != export_version)
    return wrong("version: it is an export of version " + std::to_string(version) +
                 ", and this program knows " + std::to_string(export_version) + ": use a newer program");
  const auto about = line.object("journal");
  head_.about = {.lineage = about.id("lineage"),
                 .incarnation = about.id("incarnation"),
                 .partitions = static_cast<std::uint32_t>(about.number("partitions", 65536)),
                 .max_record_bytes = static_cast<std::uint32_t>(about.number("max_record_bytes", 64U << 20U)),
                 .created_us = about.time("created"),
                 .creator = about.any_bytes("creator")};
  if (!head_.about.lineage) trouble.note("journal.lineage", "is not there");
  if (line.has("from")) head_.from = line.number("from", most_records);
  if (line.has("to")) head_.to = line.number("to", most_records);
  std::size_t i = 0;
  for (const auto& one : line.list("schemas")) {
    const auto path = "schemas[" + std::to_string(i++) + "].";
    const line_fields schema(one, path, trouble);
    head_.schemas.push_back({schema.id("hash"), schema.base64("base64")});
  }
  if (!trouble.text.empty()) return wrong(trouble.text);
  return {};
}

from_source<std::optional<copied_record>> export_reader::next() {
  if (over_ || interrupted()) return std::nullopt;
  auto read = read_line("a record or the end");
  if (!read) return std::unexpected(std::move(read.error()));
  if (!*read) return std::nullopt;
  field_trouble trouble;
  const line_fields line(**read, "", trouble);
  const auto kind = line.text("kind");
  if (kind == "end") {
    if (auto sound = check_end(**read); !sound) return std::unexpected(std::move(sound.error()));
    over_ = true;
    return std::nullopt;
  }
  if (kind == "lost")
    return wrong("the records from " + std::to_string(line.number("record")) + " to " +
                 std::to_string(line.number("last_record")) + " could not be read when they were exported (" +
                 line.text("why") + "): a copy would not be whole");
  if (trouble.text.empty() && kind != "record" && kind != "claim")
    return wrong("kind: a " + kind + " does not belong here");
  copied_record out;
  out.number = line.number("record", most_records);
  out.partition = static_cast<journal::partition_id>(line.number("partition", head_.about.partitions - 1));
  out.epoch = line.number("epoch");
  out.id = line.id("id");
  out.time_us = line.time("time");
  const auto commits = kind == "claim" ? 0 : line.number("commits", UINT32_MAX);
  if (kind == "claim") out.owner = line.any_bytes("owner");
  if (out.number <= last_) trouble.note("record", "does not follow " + std::to_string(last_));
  if (!trouble.text.empty()) return wrong(trouble.text);
  last_ = out.number;
  std::uint32_t next_event = 0;
  for (std::uint64_t i = 0; i < commits; ++i) {
    auto more = read_commit(out, next_event);
    if (!more) return std::unexpected(std::move(more.error()));
    if (!*more) return std::nullopt;
  }
  ++counts_.records;
  counts_.commits += commits;
  counts_.events += next_event;
  return out;
}

/// The members of an event or a reply; its texts and bytes are kept by `into`.
journal::typed_bytes payload_of(const line_fields& line, copied_record& into) {
  const auto& type = into.texts.emplace_back(line.any_bytes("type"));
  const auto& payload = into.blobs.emplace_back(line.base64("base64"));
  return {{type, line.id("schema")}, payload};
}

void read_headers(const line_fields& line, copied_record& into, std::vector<journal::header_view>& headers) {
  std::size_t i = 0;
  for (const auto& one : line.list("headers")) {
    const auto where = "headers[" + std::to_string(i++) + "]";
    if (!one.is_array() || one.size() != 2) {
      line.trouble().note(where, "is no list of a name and a value");
      return;
    }
    const auto& name = into.texts.emplace_back(any_bytes_of(one[0], where + "[0]", line.trouble()));
    const auto& value = into.texts.emplace_back(any_bytes_of(one[1], where + "[1]", line.trouble()));
    headers.push_back({name, as_bytes(value)});
  }
}

from_source<bool> export_reader::read_commit(copied_record& into, std::uint32_t& next_event) {
  auto read = read_line("a commit");
  if (!read) return std::unexpected(std::move(read.error()));
  if (!*read) return false;
  field_trouble trouble;
  const line_fields line(**read, "", trouble);
  if (const auto kind = line.text("kind"); trouble.text.empty() && kind != "commit")
    return wrong("kind: a " + kind + " stands here, and should be a commit of record " +
                 std::to_string(into.number));
  if (const auto at = line.place("position"); at != position::of(into.number, next_event))
    trouble.note("position", "should be " + std::to_string(into.number) + ":" + std::to_string(next_event));
  const auto& category = into.texts.emplace_back(line.text("category"));
  if (!journal::valid_category(category)) trouble.note("category", "is none: [a-z0-9_.-]{1,64}");
  const auto key = journal::unescape_key(line.text("key"));
  if (!key || !journal::valid_key(*key))
    trouble.note("key", "is none: 1 to 255 bytes, \\xHH for those that are not printable ASCII");
  auto& events = into.events.emplace_back();
  auto& headers = into.headers.emplace_back();
  journal::commit commit{.category = category,
                         .key = into.texts.emplace_back(key.value_or("")),
                         .first_sequence = line.number("sequence"),
                         .time_us = line.time("time"),
                         .command = line.id("command"),
                         .body_hash = line.hash("body_hash"),
                         .ended = line.flag("ended"),
                         .after_expiry = line.flag("after_expiry"),
                         .has_reply = line.has("reply"),
                         .trace = line.id("trace"),
                         .causation = line.id("causation")};
  if (commit.first_sequence == 0) trouble.note("sequence", "counts from 1");
  if (line.has("headers")) read_headers(line, into, headers);
  if (line.has("source")) {
    const auto source = line.object("source");
    commit.source = command_source{.reaction = source.hash("reaction"),
                                   .at = source.place("at"),
                                   .index = static_cast<std::uint16_t>(source.number("index", 0xffff)),
                                   .settled = source.place("settled")};
    if (!is_possible(*commit.source))
      trouble.note("source", "is none: it has no reaction, or settled is not before at");
  }
  std::size_t i = 0;
  for (const auto& one : line.list("events"))
    events.push_back(payload_of({one, "events[" + std::to_string(i++) + "].", trouble}, into));
  if (commit.has_reply) commit.reply = payload_of(line.object("reply"), into);
  if (!trouble.text.empty()) return wrong(trouble.text);
  commit.events = events;
  commit.headers = headers;
  next_event += static_cast<std::uint32_t>(events.size());
  into.commits.push_back(commit);
  return true;
}

from_source<void> export_reader::check_end(const parsed_json& text) {
  field_trouble trouble;
  const line_fields line(text, "", trouble);
  const export_counts said{line.number("records"), line.number("commits"), line.number("events")};
  if (!trouble.text.empty()) return wrong(trouble.text);
  if (said != counts_) return wrong("it counts other records, commits or events than there are");
  const auto more = lines_.next();
  if (more && *more) return wrong("something follows behind the end");
  return {};
}

}  // namespace

from_source<std::unique_ptr<record_source>> read_export(const std::string& file) {
  const bool is_stdin = file == "-";
  const auto name = is_stdin ? std::string("stdin") : file;
  const int descriptor = is_stdin ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return std::unexpected(source_trouble{"cannot open " + name + ": " +
                                              std::system_category().message(errno) +
                                              " (an export's file, - for stdin, or a journal's URL)",
                                          exit_code::not_opened});
  auto reader = std::make_unique<export_reader>(name, descriptor);
  if (auto read = reader->read_head(); !read) return std::unexpected(std::move(read.error()));
  return reader;
}

}  // namespace quipu::tool
