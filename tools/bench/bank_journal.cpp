#include "bank_journal.hpp"

#include "account.hpp"
#include "load.hpp"

#include <quipu/entity.hpp>
#include <quipu/journal/record.hpp>
#include <quipu/table.hpp>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {
namespace {

using namespace quipu::journal;

constexpr std::int64_t begin_us = 1'767'225'600'000'000;  // 2026-01-01
constexpr std::int64_t step_us = 10;                      // 100 000 events a second

/// As the runtime makes them: a UUID of version 7.
quipu::id128 command_id(std::int64_t time_us) {
  const auto us = static_cast<std::uint64_t>(time_us);
  auto id = quipu::id128::random();
  id.high = (us / 1000) << 16U | 7U << 12U | us % 1000 * 4096 / 1000;
  id.low |= 1ULL << 63U;
  return id;
}

template <class T>
quipu::bytes packed(const T& object) {
  const auto view = quipu::pack(object);  // which the next one overwrites
  return {view.begin(), view.end()};
}

class writer {
 public:
  writer(journal& to, const setting& how)
      : to_(to), how_(how), parts_(to.about().partitions), sequences_(how.accounts, 0) {
    for (const auto& schema : quipu::entity_type_of<samples::account>().schemas)
      if (auto kept = to.put_schema({schema.schema, {schema.binary.begin(), schema.binary.end()}}); !kept)
        throw std::runtime_error(kept.error().text);
  }

  written run() {
    const auto opened = packed(bank::OpenedT{.owner = "somebody"});
    const auto deposited = packed(bank::DepositedT{.amount = 1});
    const auto& opened_type = quipu::named_type_of<bank::OpenedT>();
    const auto& deposited_type = quipu::named_type_of<bank::DepositedT>();
    for (std::uint32_t i = 0; i < parts_.size(); ++i) claim(i);
    for (std::uint64_t i = 0; i < how_.accounts; ++i) add(i, opened_type, opened);
    for (std::uint64_t i = 0; i < how_.commands; ++i) add(account_of(i, how_), deposited_type, deposited);
    for (std::uint32_t i = 0; i < parts_.size(); ++i) {
      if (!parts_[i].builder.empty()) append(i);
      settle(i);
    }
    return done_;
  }

 private:
  struct part {
    batch_builder builder;
    quipu::checksum previous;
    quipu::record_number tail = 0;
    std::future<append_result> answer;  ///< of the record that is on its way
  };

  void add(std::uint64_t account, const quipu::port::named_type& type, quipu::bytes_view payload) {
    const auto key = account_name(account);
    const auto& name = samples::account::category;
    const auto number = partition_of(entity_hash(name, key), to_.about().partitions);
    const auto& reply_type = quipu::named_type_of<bank::BalanceT>();
    const auto balance =
        quipu::pack(bank::BalanceT{.amount = static_cast<std::int64_t>(sequences_[account])});
    const typed_bytes event{{type.name, type.schema}, payload};
    now_us_ += step_us;
    auto& to = parts_[number];
    to.builder.add({.category = name,
                    .key = key,
                    .first_sequence = ++sequences_[account],
                    .time_us = now_us_,
                    .command = command_id(now_us_),
                    .body_hash = account,
                    .has_reply = true,
                    .reply = {{reply_type.name, reply_type.schema}, balance},
                    .events = {&event, 1}});
    ++done_.events;
    if (to.builder.commits() == how_.together) append(number);
  }

  void claim(partition_id number) {
    send(number, quipu::journal::encode_claim(stamp_of(number), "quipu-bench"));
    settle(number);
  }

  /// The answer is waited for when the partition's next record is ready: all partitions share a flush.
  void append(partition_id number) {
    settle(number);
    send(number, parts_[number].builder.seal(stamp_of(number)));
  }

  quipu::journal::batch_stamp stamp_of(partition_id number) const {
    return {.lineage = to_.about().lineage,
            .incarnation = to_.about().incarnation,
            .partition = number,
            .epoch = 1,
            .id = quipu::id128::random(),
            .previous = parts_[number].previous,
            .time_us = now_us_};
  }

  void send(partition_id number, std::shared_ptr<const quipu::bytes> record) {
    auto& to = parts_[number];
    ++done_.records;
    done_.bytes += record->size();
    to.previous = record_view::decode(*record).value().sum();
    auto told = std::make_shared<std::promise<append_result>>();
    to.answer = told->get_future();
    to_.append(number, to.tail, std::move(record),
               [told](append_result result) { told->set_value(std::move(result)); });
  }

  void settle(partition_id number) {
    auto& to = parts_[number];
    if (!to.answer.valid()) return;
    const auto result = to.answer.get();
    if (result.status != append_status::appended) throw std::runtime_error("append: " + result.reason);
    to.tail = result.number;
  }

  journal& to_;
  const setting& how_;
  std::vector<part> parts_;
  std::vector<std::uint64_t> sequences_;  ///< by account: of its last event
  std::int64_t now_us_ = begin_us;
  written done_;
};

}  // namespace

written write_bank(journal& to, const setting& how) { return writer(to, how).run(); }

}  // namespace bench
