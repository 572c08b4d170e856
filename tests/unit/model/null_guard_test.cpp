#include "basket.hpp"

#include <gtest/gtest.h>

namespace model_test {
namespace {

TEST(null_guard, finds_nothing_in_a_sound_object) {
  EXPECT_EQ(quipu_find_null(sound_order()), "");
  EXPECT_EQ(quipu_find_null(OnlyT{}), "");
  EXPECT_NO_THROW(quipu::pack(sound_order()));
}

TEST(null_guard, finds_a_null_in_a_vector_of_tables) {
  OrderT order = sound_order();
  order.lines.resize(3);
  order.lines[0] = std::make_unique<LineT>();
  EXPECT_EQ(quipu_find_null(order), "lines[1] is null");
  EXPECT_THROW(quipu::pack(order), std::invalid_argument);

  delete_T keyword;
  keyword.lines.resize(1);
  EXPECT_EQ(quipu_find_null(keyword), "lines[0] is null");
  order = sound_order();
  order.class_.resize(1);
  EXPECT_EQ(quipu_find_null(order), "class[0] is null");
}

TEST(null_guard, finds_what_is_required_and_missing) {
  OrderT order = sound_order();
  order.first.reset();
  EXPECT_EQ(quipu_find_null(order), "first is null");
  order = sound_order();
  order.at.reset();
  EXPECT_EQ(quipu_find_null(order), "at is null");
  order = sound_order();
  order.must.Reset();
  EXPECT_EQ(quipu_find_null(order), "must is not set");
}

TEST(null_guard, looks_into_unions) {
  OrderT order = sound_order();
  order.extra.type = Extra::Note;
  EXPECT_EQ(quipu_find_null(order), "extra is null");
  order.extra.value = new NoteT{};
  EXPECT_EQ(quipu_find_null(order), "");
  order.extras.resize(2);
  order.extras[0].type = Extra::text;
  order.extras[0].value = new std::string("x");
  EXPECT_EQ(quipu_find_null(order), "extras[1] is not set");
  order.extras[1].type = Extra::where;
  EXPECT_EQ(quipu_find_null(order), "extras[1] is null");
  order.extras[1].value = new Point(3, 4);
  EXPECT_EQ(quipu_find_null(order), "");
  EXPECT_NO_THROW(quipu::pack(order));
}

TEST(null_guard, looks_as_deep_as_tables_go) {
  OnlyT only;
  only.order = std::make_unique<OrderT>(sound_order());
  only.order->parts.push_back(std::make_unique<OrderT>(sound_order()));
  EXPECT_EQ(quipu_find_null(only), "");
  only.order->parts[0]->lines.resize(1);
  EXPECT_EQ(quipu_find_null(only), "order.parts[0].lines[0] is null");
}

// flatc's verifier lets this pass, and its copy constructor crashes on it.
TEST(null_guard, a_stored_union_without_its_value_is_damaged) {
  flatbuffers::FlatBufferBuilder builder;
  BasketBuilder basket_builder(builder);
  basket_builder.add_extra_type(Extra::Note);
  builder.Finish(basket_builder.Finish());
  const quipu::bytes_view stored(builder.GetBufferPointer(), builder.GetSize());
  EXPECT_THROW(quipu::unpack<BasketT>(stored), quipu::port::damaged_payload);
}

TEST(schemas, belong_to_the_file_that_declares_the_table) {
  const auto own = quipu::named_type_of<OrderT>();
  const auto included = quipu::named_type_of<units::MoneyT>();
  EXPECT_EQ(own.name, "model_test.Order");
  EXPECT_EQ(included.name, "model_test.units.Money");
  EXPECT_EQ(own.schema, quipu::named_type_of<LineT>().schema);
  EXPECT_NE(own.schema, included.schema);
  EXPECT_EQ(own.schema, quipu::journal::schema_hash(own.binary).value());
}

}  // namespace
}  // namespace model_test
