#include "core/snapshot.hpp"

#include "snapshot_generated.h"

#include <cstring>

namespace quipu::core {
namespace {

// Rows that a program from before reactions may read are written as it wrote them. From one with marks it would take
// the state and leave the marks, so it must not read it.
constexpr std::uint16_t version_without_marks = 1;
constexpr std::uint16_t newest_version = 2;

format::SnapshotId pack(const id128& id) { return {id.high, id.low}; }
id128 unpack(const format::SnapshotId* id) { return id == nullptr ? id128{} : id128{id->high(), id->low()}; }
bytes_view view(const flatbuffers::Vector<std::uint8_t>* data) {
  return data == nullptr ? bytes_view{} : bytes_view{data->data(), data->size()};
}

}  // namespace

bytes encode(const snapshot& content) {
  thread_local flatbuffers::FlatBufferBuilder builder(4096);
  builder.Clear();
  builder.ForceVectorAlignment(content.state.size(), 1, 8);
  const auto state = builder.CreateVector(content.state.data(), content.state.size());
  const auto repeats = builder.CreateVector(content.repeats.data(), content.repeats.size());
  const auto handled =
      content.handled.empty() ? 0 : builder.CreateVector(content.handled.data(), content.handled.size());
  const auto key = builder.CreateVector(as_bytes(content.key).data(), content.key.size());
  const auto category = builder.CreateString(content.category.data(), content.category.size());
  const auto incarnation = pack(content.incarnation);
  const auto fingerprint = pack(content.fingerprint);
  const auto forgotten = pack(content.newest_forgotten);
  const auto version = content.handled.empty() ? version_without_marks : newest_version;
  builder.Finish(format::CreateSnapshot(builder, version, &incarnation, &fingerprint, category, key,
                                        content.sequence, content.position.value, content.exists, state,
                                        repeats, &forgotten, content.time_us, handled));
  const bytes_view table(builder.GetBufferPointer(), builder.GetSize());
  const auto sum = checksum_of(table);
  bytes row(table.size() + sizeof sum);
  std::memcpy(row.data(), table.data(), table.size());
  std::memcpy(row.data() + table.size(), &sum, sizeof sum);
  return row;
}

journal::result<snapshot> decode_snapshot(bytes_view row) {
  using journal::failure_kind;
  checksum sum;
  if (row.size() <= sizeof sum)
    return journal::fail(error_code::checkpoint_damaged, "the snapshot is cut short");
  const auto table = row.first(row.size() - sizeof sum);
  std::memcpy(&sum, row.data() + table.size(), sizeof sum);
  if (sum != checksum_of(table))
    return journal::fail(error_code::checkpoint_damaged, "the snapshot's checksum does not match");
  flatbuffers::Verifier verifier(table.data(), table.size());
  if (!verifier.VerifyBuffer<format::Snapshot>(nullptr))
    return journal::fail(error_code::checkpoint_damaged, "the snapshot is not well-formed");
  const auto* stored = flatbuffers::GetRoot<format::Snapshot>(table.data());
  if (stored->version() > newest_version)
    return journal::fail(error_code::checkpoint_other,
                         "the snapshot has format version " + std::to_string(stored->version()) +
                             ", this program reads " + std::to_string(newest_version));
  return snapshot{.incarnation = unpack(stored->incarnation()),
                  .fingerprint = unpack(stored->fingerprint()),
                  .category = {stored->category()->c_str(), stored->category()->size()},
                  .key = as_text(view(stored->key())),
                  .sequence = stored->sequence(),
                  .position = {stored->position()},
                  .exists = stored->exists(),
                  .state = view(stored->state()),
                  .repeats = view(stored->repeats()),
                  .newest_forgotten = unpack(stored->newest_forgotten()),
                  .handled = view(stored->handled()),
                  .time_us = stored->time()};
}

}  // namespace quipu::core
