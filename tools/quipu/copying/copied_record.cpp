#include "copying/copied_record.hpp"

#include <exception>

namespace quipu::tool {

std::uint64_t copied_record::event_count() const {
  std::uint64_t count = 0;
  for (const auto& commit : commits) count += commit.events.size();
  return count;
}

copied_record content_of(const journal::stored_record& stored, const journal::record_view& view) {
  copied_record out;
  const auto stamp = view.stamp();
  out.number = stored.number;
  out.partition = stored.partition;
  out.epoch = stamp.epoch;
  out.id = stamp.id;
  out.time_us = stamp.time_us;
  out.keep = stored.keep;
  if (view.is_claim()) out.owner = std::string(view.owner());
  const auto typed = [&](std::uint16_t type, bytes_view payload) {
    return journal::typed_bytes{view.type(type), payload};
  };
  out.commits.reserve(view.commit_count());
  for (std::uint32_t i = 0; i < view.commit_count(); ++i) {
    const auto commit = view.commit_at(i);
    auto& events = out.events.emplace_back();
    events.reserve(commit.event_count);
    for (std::uint32_t j = 0; j < commit.event_count; ++j) {
      const auto event = commit.event(j);
      events.push_back(typed(event.type, event.payload));
    }
    auto& headers = out.headers.emplace_back();
    for (std::uint32_t j = 0; j < commit.header_count; ++j) headers.push_back(view.header(commit, j));
    journal::commit copy{.category = commit.category,
                         .key = commit.key,
                         .first_sequence = commit.first_sequence,
                         .time_us = commit.time_us,
                         .command = commit.command,
                         .body_hash = commit.body_hash,
                         .ended = commit.ended,
                         .after_expiry = commit.after_expiry,
                         .has_reply = commit.has_reply,
                         .headers = headers,
                         .trace = commit.trace,
                         .causation = commit.causation,
                         .source = commit.source,
                         .events = events};
    if (commit.has_reply) copy.reply = typed(commit.reply_type, commit.reply);
    out.commits.push_back(std::move(copy));
  }
  return out;
}

std::optional<command_source> as_it_is(const command_source& source) { return source; }

journal::result<std::shared_ptr<const bytes>> record_sealer::seal(const copied_record& content,
                                                                  const id128& lineage,
                                                                  const id128& incarnation,
                                                                  const checksum& previous,
                                                                  const translation& translate) {
  const auto impossible = [&](const std::string& why) {
    return journal::fail(error_code::record_malformed,
                         "record " + std::to_string(content.number) + ": " + why);
  };
  const journal::batch_stamp stamp{.lineage = lineage,
                                   .incarnation = incarnation,
                                   .partition = content.partition,
                                   .epoch = content.epoch,
                                   .id = content.id,
                                   .previous = previous,
                                   .time_us = content.time_us};
  if (content.owner) return journal::encode_claim(stamp, *content.owner);
  builder_.clear();
  for (auto commit : content.commits) {
    const auto name = journal::event_id(commit.category, commit.key, commit.first_sequence);
    if (commit.source) {
      commit.source = translate(*commit.source);
      if (!commit.source)
        return impossible(name + " follows from an event that is not in the journal before it");
    }
    try {
      builder_.add(commit);
    } catch (const std::exception& e) {
      return impossible(name + ": " + e.what());
    }
  }
  return builder_.seal(stamp);
}

}  // namespace quipu::tool
