#include "basket.hpp"

#include <gtest/gtest.h>
#include <quipu/domain.hpp>
#include <quipu/typed_command.hpp>

#include <memory>
#include <optional>

namespace model_test {
namespace {

using quipu::error_kind;

template <class R>
struct told {
  int calls = 0;
  std::optional<quipu::result<quipu::answer<R>>> last;
};

template <class R>
struct note_in {
  std::shared_ptr<told<R>> notes;
  void operator()(quipu::result<quipu::answer<R>>&& outcome) {
    ++notes->calls;
    notes->last.emplace(std::move(outcome));
  }
};

template <class C>
using notes_of = told<quipu::reply_of<basket, C>>;

template <class C>
auto command_of(C body, std::shared_ptr<notes_of<C>> notes, std::string key = "k") {
  return quipu::make_command<basket>(std::move(key), std::move(body),
                                     note_in<quipu::reply_of<basket, C>>{std::move(notes)});
}

const quipu::context now({}, {1, 2}, "k", 0);

TEST(command, goes_through_decide_evolve_reply_complete) {
  const auto notes = std::make_shared<notes_of<BeginT>>();
  const auto& type = quipu::entity_type_of<basket>();
  auto command = command_of(BeginT{.note = "hello"}, notes);
  command->id = {3, 4};
  EXPECT_EQ(command->entity, &type);
  EXPECT_EQ(command->entity_hash, quipu::journal::entity_hash("basket", "k"));

  quipu::port::decided out;
  command->decide(nullptr, now, out);
  ASSERT_EQ(out.events.size(), 1U);
  EXPECT_EQ(type.events[out.events[0].type].name, "model_test.Began");
  EXPECT_EQ(quipu::unpack<BeganT>(out.payload(out.events[0])).note, "hello");

  const auto state = type.make();
  command->evolve(state.get(), out);
  EXPECT_EQ(static_cast<const BasketT*>(state.get())->note, "hello");
  quipu::bytes reply;
  command->reply(state.get(), reply);
  EXPECT_EQ(command->reply_type()->name, "model_test.Count");
  command->complete({.reply = reply, .sequence = 1, .position = quipu::position::of(9, 0), .repeat = true});

  command.reset();
  ASSERT_EQ(notes->calls, 1);
  const auto& answer = notes->last->value();
  EXPECT_EQ(answer->lines, -1);
  EXPECT_EQ(answer.sequence, 1U);
  EXPECT_EQ(answer.position.record(), 9U);
  EXPECT_EQ(answer.command, (quipu::command_id{3, 4}));
  EXPECT_TRUE(answer.repeat);
}

TEST(command, payloads_are_aligned_and_decided_anew_alike) {
  PutT put;
  for (int i = 0; i < 5; ++i) {
    put.lines.push_back(std::make_unique<LineT>());
    put.lines.back()->article.assign(static_cast<std::size_t>(i), 'x');
  }
  auto command = command_of(put, std::make_shared<notes_of<PutT>>());
  const BasketT state;
  quipu::port::decided first;
  command->decide(&state, now, first);
  ASSERT_EQ(first.events.size(), 5U);
  for (const auto& event : first.events) {
    EXPECT_EQ(event.offset % 8, 0U);
    EXPECT_NO_THROW(quipu::unpack<AddedT>(first.payload(event)));
  }
  quipu::port::decided again;
  again.rejected = quipu::rejection{};
  command->decide(&state, now, again);
  EXPECT_EQ(first.payloads, again.payloads);
  EXPECT_FALSE(again.rejected);
}

TEST(command, tells_rejections_and_errors) {
  const auto notes = std::make_shared<notes_of<TakeT>>();
  quipu::port::decided out;
  auto command = command_of(TakeT{}, notes);
  command->decide(nullptr, now, out);
  ASSERT_TRUE(out.rejected);
  command->complete({.rejected = &*out.rejected, .sequence = 5});
  ASSERT_EQ(notes->calls, 1);
  EXPECT_EQ(notes->last->value().rejected().code, "not_found");
  EXPECT_EQ(notes->last->value().sequence, 5U);

  command = command_of(TakeT{}, notes);
  const quipu::error failed(quipu::error_code::partition_full, "full");
  command->complete({.failed = &failed});
  EXPECT_EQ(notes->last->error().kind, error_kind::overloaded);
  EXPECT_EQ(notes->calls, 2);
}

TEST(command, destroyed_without_an_outcome_says_so) {
  const auto notes = std::make_shared<notes_of<BeginT>>();
  auto command = command_of(BeginT{}, notes);
  command->id = {5, 6};
  command.reset();
  EXPECT_EQ(notes->calls, 1);
  EXPECT_EQ(notes->last->error().kind, error_kind::unknown_outcome);
  EXPECT_EQ(notes->last->error().command, (quipu::command_id{5, 6}));
}

TEST(command, with_a_null_in_its_body_is_never_made) {
  const auto notes = std::make_shared<notes_of<PutT>>();
  PutT put;
  put.lines.emplace_back();
  EXPECT_EQ(command_of(std::move(put), notes), nullptr);
  EXPECT_EQ(notes->calls, 1);
  EXPECT_EQ(notes->last->error().kind, error_kind::invalid);
  EXPECT_EQ(notes->last->error().text, "model_test.Put: lines[0] is null");
}

TEST(command, hash_is_of_type_and_body_and_never_changes) {
  const auto hash = [](auto body, std::string key = "k") {
    return command_of(std::move(body), std::make_shared<notes_of<decltype(body)>>(), std::move(key))
        ->body_hash;
  };
  EXPECT_EQ(hash(BeginT{.note = "a"}), hash(BeginT{.note = "a"}, "another key"));
  EXPECT_NE(hash(BeginT{.note = "a"}), hash(BeginT{.note = "b"}));
  EXPECT_NE(hash(RenewT{}), hash(EndT{}));
  EXPECT_NE(hash(BeginT{.note = "a"}), hash(BreakT{.how = "a"}));
  // Stored in journals: this number must stay.
  EXPECT_EQ(hash(BeginT{.note = "stable"}), 3067700724292589040U);
}

TEST(command, counts_its_bytes) {
  const auto bytes = [](std::string note, std::string key, std::vector<quipu::header> headers) {
    auto ignore = [](auto&&) {};
    return quipu::make_command<basket>(std::move(key), BeginT{.note = std::move(note)}, ignore,
                                       std::move(headers))
        ->bytes;
  };
  const auto least = bytes("", "k", {});
  EXPECT_GE(bytes(std::string(1000, 'x'), "k", {}), least + 1000);
  EXPECT_EQ(bytes("", "key", {}), least + 2);
  EXPECT_GE(bytes("", "k", {{"name", std::string(100, 'v')}}), least + 104);
}

TEST(command, a_damaged_reply_is_an_error) {
  const auto notes = std::make_shared<notes_of<BeginT>>();
  const quipu::bytes nonsense(16, 0xff);
  command_of(BeginT{}, notes)->complete({.reply = nonsense});
  EXPECT_EQ(notes->calls, 1);
  EXPECT_EQ(notes->last->error().kind, error_kind::corrupt);
}

TEST(read, answers_with_a_copy_of_the_state) {
  const auto notes = std::make_shared<told<BasketT>>();
  using read = quipu::read_command<basket, note_in<BasketT>>;
  quipu::port::decided out;
  {
    BasketT state;
    state.note = "kept";
    read command("k", note_in<BasketT>{notes});
    EXPECT_TRUE(command.reads);
    command.decide(&state, now, out);
    EXPECT_TRUE(out.events.empty());
    state.note = "changed";
    command.complete({.sequence = 2});
  }
  EXPECT_EQ(notes->calls, 1);
  EXPECT_EQ(notes->last->value()->note, "kept");
  {
    read command("k", note_in<BasketT>{notes});
    command.decide(nullptr, now, out);
    ASSERT_TRUE(out.rejected);
    command.complete({.rejected = &*out.rejected});
  }
  EXPECT_EQ(notes->last->value().rejected().code, "not_found");
  {
    const read command("k", note_in<BasketT>{notes});
  }
  EXPECT_EQ(notes->last->error().kind, error_kind::unknown_outcome);
  EXPECT_EQ(notes->calls, 3);
}

}  // namespace
}  // namespace model_test
