#include "jetstream/api.hpp"

#include "jetstream/aligned_copy.hpp"

#include <array>
#include <charconv>

namespace quipu::journal::jetstream {
namespace {

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  const bool negative = !found->is_number_unsigned() && found->get<std::int64_t>() < 0;
  return negative ? 0 : found->get<std::uint64_t>();
}

bool true_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// "wrong last sequence: 17"
std::optional<record_number> last_sequence_in(std::string_view text) {
  const auto colon = text.rfind(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  text.remove_prefix(colon + 2);
  record_number number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

// A refusal is not a verdict on the record (2.9.10 stores a message before it finds the stream over its limits), and a
// duplicate tells nothing of the place: both are settled by the successor, which these statuses ask for.
append_status status_of(api_error code, bool one_copy) {
  switch (code) {
    // The store is full. A cluster's leader says so when it applies what its followers may have stored by then.
    case api_error::insufficient_resources:
      return one_copy ? append_status::refused : append_status::unknown;
    case api_error::wrong_last_sequence:
    case api_error::wrong_last_sequence_constant:
      return append_status::fenced;
    case api_error::account_resources:
    case api_error::out_of_storage:
    case api_error::store_failed:
    case api_error::message_too_large:
    case api_error::header_too_large:
    case api_error::stream_mismatch:
    case api_error::sealed:
      return append_status::refused;
    default:
      return append_status::unknown;
  }
}

constexpr std::array<std::int8_t, 256> base64_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}();

/// Standard base64 with padding into `out`, which has room for text.size() / 4 * 3 bytes; the count, or nothing.
std::optional<std::size_t> decode_base64(std::string_view text, std::uint8_t* out) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::uint32_t gathered = 0;
  int bits = 0;
  std::size_t count = 0;
  for (const char c : text) {
    const auto value = base64_values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    gathered = (gathered << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[count++] = static_cast<std::uint8_t>(gathered >> static_cast<unsigned>(bits));
    }
  }
  return count;
}

}  // namespace

std::uint64_t number_at(const json& body, const char* where, const char* key) {
  if (!body.is_object()) return 0;
  const auto part = body.find(where);
  return part != body.end() && part->is_object() ? number_of(*part, key) : 0;
}

result<std::vector<std::pair<std::string, std::uint64_t>>> read_subjects(const json& info) {
  const auto odd = [](const std::string& what) {
    return fail(error_code::server_odd_answer, "the server's answer about the stream " + what);
  };
  const auto state = info.is_object() ? info.find("state") : info.end();
  if (state == info.end() || !state->is_object()) return odd("has no state");
  std::vector<std::pair<std::string, std::uint64_t>> all;
  const auto subjects = state->find("subjects");
  if (subjects == state->end() || subjects->is_null()) return all;
  if (!subjects->is_object()) return odd("has subjects that are no object");
  for (const auto& [subject, count] : subjects->items()) {
    if (!count.is_number_unsigned()) return odd("has no count for the subject " + subject);
    all.emplace_back(subject, count.get<std::uint64_t>());
  }
  return all;
}

failure failure_of(const no_answer& why) { return {why.code, why.why}; }

result<api_answer> read_api_answer(std::string_view text) {
  api_answer out;
  out.body = json::parse(text, nullptr, false);
  if (!out.body.is_object())
    return fail(error_code::server_odd_answer,
                "the server's answer is no JSON object: is that a NATS server with JetStream?");
  if (const auto error = out.body.find("error"); error != out.body.end() && error->is_object()) {
    out.code = static_cast<api_error>(number_of(*error, "err_code"));
    out.status = static_cast<int>(number_of(*error, "code"));
    out.text = text_of(*error, "description") + " (" + std::to_string(static_cast<int>(out.code)) + ")";
  }
  return out;
}

std::shared_ptr<const bytes> payload_of(const json& body) {
  const auto text = body.dump();
  return std::make_shared<const bytes>(text.begin(), text.end());
}

result<api_answer> call(client& over, const std::string& subject, const json& body) {
  request what{.subject = subject};
  if (!body.is_null()) what.payload = payload_of(body);
  const auto got = over.ask(std::move(what));
  if (!got) return std::unexpected(failure_of(got.error()));
  return read_api_answer(*got);
}

result<json> call_well(client& over, const std::string& subject, const json& body) {
  auto got = call(over, subject, body);
  if (!got) return std::unexpected(std::move(got.error()));
  if (got->ok()) return std::move(got->body);
  const auto code =
      got->code == api_error::stream_not_found ? error_code::journal_not_found : error_code::server_error;
  const bool disabled = got->code == api_error::not_enabled_for_account;
  return fail(code,
              over.where().place() + ": " + got->text +
                  (disabled ? ": enable JetStream on the server (nats-server -js), and for this account "
                              "where it has several."
                            : ""));
}

ack read_ack(const answer& got, bool one_copy) {
  if (!got) {
    const auto& why = got.error();
    if (why.for_good) return {{append_status::refused, 0, why.why}, {}};
    return {{why.was_sent ? append_status::unknown : append_status::unavailable, 0, why.why}, {}};
  }
  const incoming& arrived = *got;
  if (!arrived.status.empty())
    return {{append_status::unknown, 0,
             "no server takes this journal's records now (" + std::string(arrived.status) + ")"},
            {}};
  const auto read = read_api_answer(as_text(arrived.data));
  if (!read) return {{append_status::unknown, 0, read.error().text}, {}};
  if (read->ok()) {
    const auto number = number_of(read->body, "seq");
    if (number == 0) return {{append_status::unknown, 0, "the server does not know yet"}, {}};
    if (true_in(read->body, "duplicate"))
      return {{append_status::fenced, 0, "the server has seen this record's id before"}, {}};
    return {{append_status::appended, number, {}}, {}};
  }
  const auto status = status_of(read->code, one_copy);
  if (read->code == api_error::insufficient_resources)
    return {{status, 0,
             read->text + ": JetStream's storage on the server is full; raise max_file_store or make room",
             error_code::journal_full},
            {}};
  return {{status, 0, read->text},
          status == append_status::fenced ? last_sequence_in(text_of(read->body["error"], "description"))
                                          : std::nullopt};
}

result<std::optional<stored_message>> read_message(std::string_view text) {
  auto read = read_api_answer(text);
  if (!read) return std::unexpected(std::move(read.error()));
  if (read->code == api_error::no_message) return std::nullopt;
  if (!read->ok())
    return fail(
        read->code == api_error::stream_not_found ? error_code::journal_not_found : error_code::server_error,
        "reading a record: " + read->text);
  const auto& message = read->body["message"];
  if (!message.is_object())
    return fail(error_code::server_odd_answer, "the server's answer holds no message");
  stored_message out{.subject = text_of(message, "subject"), .number = number_of(message, "seq")};
  const auto data = message.find("data");
  if (data != message.end() && data->is_string()) {
    const auto& encoded = data->get_ref<const std::string&>();
    auto block = aligned_block_of(encoded.size() / 4 * 3);
    const auto size = decode_base64(encoded, block.bytes);
    if (!size)
      return fail(error_code::server_odd_answer,
                  "record " + std::to_string(out.number) + " came in ill-formed base64");
    out.data = {block.bytes, *size};
    out.keep = std::move(block.keep);
  }
  return out;
}

}  // namespace quipu::journal::jetstream
