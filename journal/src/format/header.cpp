/// The header record: the first thing in a journal.
#include <quipu/format/batch_generated.h>
#include <quipu/journal/record.hpp>

#include "format/envelope.hpp"

namespace quipu::journal {
namespace {

id128 from_format(const format::Id* id) { return id == nullptr ? id128{} : id128{id->high(), id->low()}; }

}  // namespace

std::shared_ptr<const bytes> encode_header(const identity& about) {
  flatbuffers::FlatBufferBuilder out;
  auto creator = out.CreateString(about.creator);
  format::Id lineage(about.lineage.high, about.lineage.low);
  format::Id incarnation(about.incarnation.high, about.incarnation.low);
  out.Finish(format::CreateJournalHeader(out, &lineage, &incarnation, about.partitions,
                                         about.max_record_bytes, about.created_us, creator));
  return envelope::wrap(envelope::record_kind::header, {out.GetBufferPointer(), out.GetSize()});
}

result<identity> decode_header(bytes_view data) {
  auto opened = envelope::unwrap(envelope::record_kind::header, data);
  if (!opened) return std::unexpected(std::move(opened.error()));
  flatbuffers::Verifier verifier(opened->body.data(), opened->body.size());
  if (!verifier.VerifyBuffer<format::JournalHeader>(nullptr)) {
    return fail(error_code::journal_damaged, "The journal's header record is no well-formed header.");
  }
  const auto& header = *flatbuffers::GetRoot<format::JournalHeader>(opened->body.data());
  identity about{.lineage = from_format(header.lineage()),
                 .incarnation = from_format(header.incarnation()),
                 .partitions = header.partitions(),
                 .max_record_bytes = header.max_record_bytes(),
                 .created_us = header.created(),
                 .creator = header.creator() == nullptr ? std::string() : header.creator()->str()};
  if (about.partitions == 0 || about.max_record_bytes == 0 || !about.lineage || !about.incarnation) {
    return fail(error_code::journal_damaged,
                "The journal's header record lacks its identity, its partition count or its record limit.");
  }
  return about;
}

}  // namespace quipu::journal
