#include "copying/importer.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <quipu/journal/schema.hpp>
#include <thread>
#include <utility>

#include "terminal/interruption.hpp"

namespace quipu::tool {
namespace {

using namespace std::chrono_literals;

/// How long a target may be away before the import ends; it can be started again.
constexpr auto patience = 30s;
constexpr auto between_tries = 100ms;

std::unexpected<source_trouble> not_done(const std::string& text) {
  return std::unexpected(source_trouble{text, exit_code::not_opened});
}

template <class T, class Call>
T await(Call&& call) {
  const auto told = std::make_shared<std::promise<T>>();
  auto answer = told->get_future();
  call([told](T result) { told->set_value(std::move(result)); });
  return answer.get();
}

}  // namespace

void content_digest::add(const copied_record& content, const checksum& of_content) {
  value = checksum_of(as_bytes(value.hex() + of_content.hex()));
  ++counts.records;
  counts.commits += content.commits.size();
  counts.events += content.event_count();
}

journal::result<checksum> content_sum(record_sealer& with, const copied_record& content,
                                      const id128& lineage) {
  const auto sealed = with.seal(content, lineage, {}, {}, as_it_is);
  if (!sealed) return std::unexpected(sealed.error());
  return checksum_of(**sealed);
}

importer::importer(journal::journal& to, const export_head& from) : to_(to), from_(from) {}

journal::result<void> importer::prepare() {
  const auto& here = to_.about();
  const auto& there = from_.about;
  const auto refuse = [](const std::string& why) {
    return journal::fail(error_code::journal_exists,
                         "the target " + why + ". Name a journal that is not there yet.");
  };
  if (here.incarnation == there.incarnation) return refuse("is the very journal that the records come from");
  if (here.lineage != there.lineage)
    return refuse("is another journal: its lineage is " + here.lineage.hex() + ", and not " +
                  there.lineage.hex());
  if (here.partitions != there.partitions || here.max_record_bytes != there.max_record_bytes)
    return refuse("has " + std::to_string(here.partitions) + " partitions and records up to " +
                  std::to_string(here.max_record_bytes) + " bytes, and the source " +
                  std::to_string(there.partitions) + " and " + std::to_string(there.max_record_bytes));
  for (const auto& schema : from_.schemas) {
    const auto actual = journal::schema_hash(schema.binary);
    if (!actual || *actual != schema.hash)
      return journal::fail(error_code::schema_damaged, "the source's schema " + schema.hash.hex() +
                                                           " is damaged: see quipu journal verify");
    if (auto stored = to_.put_schema(schema); !stored) return stored;
  }
  there_ = to_.read(1);
  return {};
}

from_source<void> importer::take(const copied_record& record) {
  const auto failed = [](const journal::failure& why) {
    const bool in_source = why.code == error_code::record_malformed;
    return std::unexpected(
        source_trouble{describe(why), in_source ? exit_code::found_wrong : exit_code::not_opened});
  };
  const auto translate = [this](const command_source& source) { return places_.translate(source); };
  const auto& about = to_.about();
  const auto sealed =
      sealer_.seal(record, about.lineage, about.incarnation, tails_[record.partition].sum, translate);
  if (!sealed) return failed(sealed.error());
  const auto plain = sealer_.seal(record, about.lineage, {}, {}, translate);
  if (!plain) return failed(plain.error());
  const auto content = checksum_of(**plain);
  const auto number = place(record, *sealed, content);
  if (!number) return std::unexpected(number.error());
  digest_.add(record, content);
  places_.add(record.number, *number);
  return {};
}

from_source<record_number> importer::place(const copied_record& record,
                                           const std::shared_ptr<const bytes>& sealed,
                                           const checksum& content) {
  if (there_) {
    auto stored = there_->next();
    if (!stored)
      return not_done("the target, behind record " + std::to_string(compared_to_) + ": " +
                      describe(stored.error()));
    if (*stored) {
      const auto same = is_there(record, **stored, content);
      if (!same) return std::unexpected(same.error());
      compared_to_ = (*stored)->number;
      ++found_;
      return compared_to_;
    }
    there_.reset();
  }
  auto number = append(record, sealed);
  if (!number) return not_done("record " + std::to_string(record.number) + ": " + describe(number.error()));
  const auto view = journal::record_view::decode(*sealed);
  tails_[record.partition] = {*number, view->sum()};
  ++appended_;
  return *number;
}

/// The record that the target has in this place, which must be the source's.
from_source<bool> importer::is_there(const copied_record& record, const journal::stored_record& stored,
                                     const checksum& content) {
  const auto number = std::to_string(stored.number);
  const auto view = journal::record_view::decode(stored.data);
  if (!view) return not_done("record " + number + " of the target: " + describe(view.error()));
  const auto there = content_of(stored, *view);
  const auto sum = content_sum(sealer_, there, to_.about().lineage);
  auto& tail = tails_[stored.partition];
  if (!sum || *sum != content || view->stamp().previous != tail.sum)
    return not_done(
        "record " + number + " of the target is not record " + std::to_string(record.number) +
        " of the source: the target holds something else. Import into a journal that is not there yet");
  tail = {stored.number, view->sum()};
  return true;
}

/// Its outcome is settled before the next one: the order of the source is the order of the copy.
journal::result<record_number> importer::append(const copied_record& record,
                                                std::shared_ptr<const bytes> sealed) {
  const auto expected = tails_[record.partition].number;
  const auto give_up = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto result = await<journal::append_result>(
        [&](auto told) { to_.append(record.partition, expected, sealed, std::move(told)); });
    if (result.status == journal::append_status::appended) return result.number;
    if (result.status == journal::append_status::refused) return journal::fail(result.code, result.reason);
    auto found = find_appended(record, expected);
    if (found && *found) return **found;
    if (!found && found.error().kind != journal::failure_kind::unavailable)
      return std::unexpected(std::move(found.error()));
    if (interrupted() || std::chrono::steady_clock::now() > give_up)
      return journal::fail(found ? error_code::journal_reopening : found.error().code,
                           (found ? result.reason : found.error().text) +
                               ". What is imported stays: start the import again, and it goes on");
    std::this_thread::sleep_for(between_tries);
  }
}

/// Whether an append of which nobody knows took place: only the successor of the expected tail tells.
journal::result<std::optional<record_number>> importer::find_appended(const copied_record& record,
                                                                      record_number expected) {
  using found_record = journal::result<std::optional<journal::stored_record>>;
  const auto found =
      await<found_record>([&](auto told) { to_.successor(record.partition, expected, std::move(told)); });
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const auto view = journal::record_view::decode((*found)->data);
  if (!view) return std::unexpected(view.error());
  if (view->stamp().id == record.id) return (*found)->number;
  return journal::fail(error_code::journal_exists,
                       "somebody else wrote record " + std::to_string((*found)->number) + " into the target");
}

from_source<void> importer::finish() {
  if (!there_) return {};
  const auto more = there_->next();
  if (!more) return not_done("the target: " + describe(more.error()));
  if (*more)
    return not_done("the target has record " + std::to_string((*more)->number) +
                    ", and the source has no more: the target was written to since, or holds something else");
  return {};
}

}  // namespace quipu::tool
