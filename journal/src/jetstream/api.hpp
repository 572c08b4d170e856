/// JetStream's API: what is asked in JSON, what comes back, and what it means.
#pragma once

#include <quipu/journal/journal.hpp>

#include "jetstream/client.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu::journal::jetstream {

using json = nlohmann::json;

/// Error codes of JetStream that Quipu tells apart (nats-server, server/errors.json).
enum class api_error : int {
  none = 0,
  account_resources = 10002,
  cluster_not_available = 10008,
  consumer_not_found = 10014,
  insufficient_resources = 10023,
  no_message = 10037,
  not_enabled_for_account = 10039,
  out_of_storage = 10047,
  message_too_large = 10054,
  stream_name_in_use = 10058,
  stream_not_found = 10059,
  stream_mismatch = 10060,
  subjects_overlap = 10065,
  wrong_last_sequence = 10071,
  replicas_not_supported = 10074,
  store_failed = 10077,
  header_too_large = 10097,
  sealed = 10109,
  stream_offline = 10118,
  duplicate_in_flight = 10158,
  wrong_last_sequence_constant = 10164,
};

/// An answer of the API: its JSON, or the error in it.
struct api_answer {
  json body;
  api_error code = api_error::none;
  int status = 0;  ///< of the error, in HTTP's numbers
  std::string text;

  bool ok() const { return code == api_error::none && status == 0; }
};

/// `corrupt`: it is no JSON object.
result<api_answer> read_api_answer(std::string_view text);

/// The number under body.WHERE.KEY; 0 where there is none. Nothing is taken for granted of an answer's form.
std::uint64_t number_at(const json& body, const char* where, const char* key);

/// The subjects in the answer to STREAM.INFO with a filter, and how many messages each has; none where the filter finds none.
/// `corrupt` where the answer has another form.
result<std::vector<std::pair<std::string, std::uint64_t>>> read_subjects(const json& info);

/// What a request carries.
std::shared_ptr<const bytes> payload_of(const json& body);

/// Blocks. `unavailable` when there was no answer; an error in the answer is no failure.
result<api_answer> call(client& over, const std::string& subject, const json& body);
/// Like call(), and an error in the answer is a failure: `not_found` for a stream that is not there, else `unavailable`.
result<json> call_well(client& over, const std::string& subject, const json& body);

/// What became of an append. `actual`: the partition's last record, where a conflict names it.
struct ack {
  append_result outcome;
  std::optional<record_number> actual;
};
/// `one_copy`: the stream has no replicas, so that what its only server did not take is nowhere else.
ack read_ack(const answer& got, bool one_copy = false);

/// An answer of $JS.API.STREAM.MSG.GET: nothing when there is no such message.
struct stored_message {
  std::string subject;
  record_number number = 0;
  std::shared_ptr<const void> keep;
  bytes_view data;  ///< 8-byte aligned
};
result<std::optional<stored_message>> read_message(std::string_view text);

failure failure_of(const no_answer& why);

}  // namespace quipu::journal::jetstream
