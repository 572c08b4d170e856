#include "format/new_identity.hpp"
#include "jetstream/api.hpp"
#include "jetstream/jetstream_journal.hpp"
#include "jetstream/stream.hpp"

#include <quipu/journal/record.hpp>

#include <string>

namespace quipu::journal::jetstream {
namespace {

std::string lines_of(const std::vector<std::string>& wrong) {
  std::string out;
  for (const auto& line : wrong) out += "\n  " + line;
  return out;
}

/// The stream as it is, made where there is none.
result<json> find_or_make_stream(client& over, const creation& how) {
  const auto& where = over.where();
  auto found = call(over, api_subject("STREAM.INFO", where.name), nullptr);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->ok()) return std::move(found->body);
  if (found->code != api_error::stream_not_found)
    return fail(error_code::server_error, where.place() + ": " + found->text);
  auto made = call(over, api_subject("STREAM.CREATE", where.name), stream_config(where, how));
  if (!made) return std::unexpected(std::move(made.error()));
  if (made->ok()) return std::move(made->body);
  // 10074: more replicas than servers, which some versions answer with 500.
  const bool wrong = made->code == api_error::subjects_overlap ||
                     made->code == api_error::replicas_not_supported || made->status == 400;
  return fail(wrong ? error_code::stream_not_made : error_code::server_error,
              where.place() + ": the server would not make the stream: " + made->text);
}

result<void> write_header(client& over, const creation& how) {
  const auto& where = over.where();
  const subjects names(where.name, 0);
  const auto about = new_identity(how);
  const auto got = over.ask({.subject = names.header(),
                             .headers = {{"Nats-Expected-Stream", where.name},
                                         {"Nats-Expected-Last-Subject-Sequence", "0"},
                                         {"Nats-Msg-Id", "header-" + about.incarnation.hex()}},
                             .payload = encode_header(about),
                             .within = patience::ack});
  if (!got)
    return fail(error_code::server_no_answer, where.place() + ": writing the header: " + got.error().why +
                                                  ". Create the journal again: what is there will be found.");
  const auto read = read_api_answer(*got);
  if (!read) return std::unexpected(read.error());
  if (read->ok()) return {};
  const bool fenced =
      read->code == api_error::wrong_last_sequence || read->code == api_error::wrong_last_sequence_constant;
  if (fenced) return fail(error_code::journal_exists, where.place() + " is a journal already.");
  return fail(error_code::server_error, where.place() + ": writing the header: " + read->text);
}

}  // namespace

result<void> create(const settings& where, const creation& how) {
  client over(where, {});
  if (auto ready = over.await_ready(); !ready) return ready;
  auto server = call(over, "$JS.API.INFO", nullptr);
  if (!server) return std::unexpected(std::move(server.error()));
  if (!server->ok())
    return fail(error_code::server_no_jetstream, where.place() +
                                                     ": JetStream is not enabled there: " + server->text +
                                                     ". Start the server with JetStream (nats-server -js).");
  if (over.max_payload() < how.max_record_bytes + header_room)
    return fail(error_code::server_max_payload,
                where.place() + ": the server takes messages of " + std::to_string(over.max_payload()) +
                    " bytes: raise its max_payload to " + std::to_string(how.max_record_bytes + header_room) +
                    " or more, or make the journal with smaller records.");
  // What preflight would refuse is not made.
  if (const auto wrong = preflight({{"config", stream_config(where, how)}}, server->body, where);
      !wrong.empty())
    return fail(error_code::server_unsafe, where.place() + " would not be safe to use:" + lines_of(wrong));
  auto stream = find_or_make_stream(over, how);
  if (!stream) return std::unexpected(std::move(stream.error()));
  if (const auto wrong = preflight(*stream, server->body, where); !wrong.empty())
    return fail(error_code::server_unsafe,
                where.place() + " is there and not safe to use:" + lines_of(wrong));
  return write_header(over, how);
}

}  // namespace quipu::journal::jetstream
