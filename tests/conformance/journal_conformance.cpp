#include "journal_conformance.hpp"

#include <chrono>
#include <future>
#include <stdexcept>

namespace quipu::test {
namespace {

using namespace std::chrono_literals;

/// Long enough for the slowest disk; a test that needs it has failed.
constexpr auto patience = 60s;

template <class T>
T wait_for(std::future<T> answer, const char* call) {
  if (answer.wait_for(patience) != std::future_status::ready) {
    throw std::runtime_error(std::string(call) + ": the callback did not come");
  }
  return answer.get();
}

using found = journal::result<std::optional<journal::stored_record>>;

std::shared_ptr<const bytes> make(const journal::journal& in, journal::partition_id partition,
                                  bytes_view payload) {
  journal::batch_builder builder;
  journal::typed_bytes event{.type = {.name = "test.Event", .schema = {1, 2}}, .payload = payload};
  builder.add({.category = "test", .key = "key", .first_sequence = 1, .events = {&event, 1}});
  return builder.seal({.lineage = in.about().lineage,
                       .incarnation = in.about().incarnation,
                       .partition = partition,
                       .epoch = 1,
                       .id = id128::random()});
}

}  // namespace

std::unique_ptr<journal::journal> journal_conformance::open() {
  auto opened = journal::open_or_create(url_, small());
  if (!opened) throw std::runtime_error("opening " + url_ + ": " + opened.error().text);
  return std::move(*opened);
}

std::shared_ptr<const bytes> journal_conformance::record(const journal::journal& in,
                                                         journal::partition_id partition,
                                                         std::string_view text) {
  return make(in, partition, as_bytes(text));
}

std::shared_ptr<const bytes> journal_conformance::record_of_size(const journal::journal& in,
                                                                 std::size_t size) {
  auto probe = make(in, 0, bytes(1024));
  return make(in, 0, bytes(1024 + size - probe->size()));
}

journal::append_result journal_conformance::append(journal::journal& to, journal::partition_id partition,
                                                   record_number expected,
                                                   std::shared_ptr<const bytes> record) {
  auto promise = std::make_shared<std::promise<journal::append_result>>();
  to.append(partition, expected, std::move(record),
            [promise](journal::append_result result) { promise->set_value(std::move(result)); });
  return wait_for(promise->get_future(), "append");
}

found journal_conformance::successor(journal::journal& of, journal::partition_id partition,
                                     record_number tail) {
  auto promise = std::make_shared<std::promise<found>>();
  of.successor(partition, tail, [promise](found result) { promise->set_value(std::move(result)); });
  return wait_for(promise->get_future(), "successor");
}

found journal_conformance::tail(journal::journal& of, journal::partition_id partition) {
  auto promise = std::make_shared<std::promise<found>>();
  of.tail(partition, [promise](found result) { promise->set_value(std::move(result)); });
  return wait_for(promise->get_future(), "tail");
}

std::vector<record_number> journal_conformance::fill(journal::journal& to, journal::partition_id partition,
                                                     int count) {
  std::vector<record_number> made;
  auto last = tail(to, partition);
  auto expected = last.value() ? (*last)->number : none;
  for (int i = 0; i < count; ++i) {
    auto result = append(to, partition, expected, record(to, partition, "record " + std::to_string(i)));
    if (result.status != journal::append_status::appended)
      throw std::runtime_error("append: " + result.reason);
    made.push_back(expected = result.number);
  }
  return made;
}

std::vector<journal::stored_record> journal_conformance::drain(journal::cursor& from) {
  std::vector<journal::stored_record> all;
  for (;;) {
    auto next = from.next();
    if (!next) throw std::runtime_error("cursor: " + next.error().text);
    if (!*next) return all;
    all.push_back(std::move(**next));
  }
}

std::vector<record_number> journal_conformance::numbers(const std::vector<journal::stored_record>& records) {
  std::vector<record_number> out;
  for (const auto& record : records) out.push_back(record.number);
  return out;
}

}  // namespace quipu::test
