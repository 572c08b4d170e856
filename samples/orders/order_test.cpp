#include "order.hpp"

#include <gtest/gtest.h>
#include <quipu/testing.hpp>

#include <utility>

namespace samples {
namespace {

using quipu::testing::given;

/// A command that comes from a shop, and from somebody who works there.
const quipu::testing::circumstances from_north{.headers = {{"tenant", "north"}, {"user", "ada"}}};
const quipu::testing::circumstances from_south{.headers = {{"tenant", "south"}}};

const shop::LineT tea{.article = "tea", .quantity = 2, .cents = 350};
const shop::LineT cup{.article = "cup", .quantity = 1, .cents = 900};

template <class... Line>
shop::PlaceT place(const Line&... lines) {
  shop::PlaceT command;
  command.customer = "bob";
  (command.lines.push_back(std::make_unique<shop::LineT>(lines)), ...);
  return command;
}

const shop::LineAdded2T tea_added{.article = "tea", .quantity = 2, .cents = 350};
const shop::LineAdded2T cup_added{.article = "cup", .quantity = 1, .cents = 900};
const shop::PlacedT placed{.customer = "bob", .tenant = "north"};

TEST(order, is_placed_with_all_its_lines) {
  given<order>()
      .when(place(tea, cup), from_north)
      .then({placed, tea_added, cup_added})
      .replies({.cents = 1600});
  given<order>({placed}).when(place(tea), from_north).rejects("exists");
}

TEST(order, is_placed_as_a_whole_or_not_at_all) {
  given<order>().when(place(), from_north).rejects("no_lines");
  given<order>().when(place(tea, shop::LineT{.article = "cup"}), from_north).rejects("quantity_out_of_range");
  given<order>()
      .when(place(tea, shop::LineT{.article = "cup", .quantity = 1, .cents = -1}), from_north)
      .rejects("price_out_of_range");
}

TEST(order, belongs_to_the_tenant_of_its_header) {
  given<order>().when(place(tea)).rejects("tenant_missing");
  const auto of_north = given<order>({placed, tea_added});
  of_north.when(shop::PayT{.cents = 700}, from_south).rejects("another_tenant");
  of_north.when(shop::PayT{.cents = 700}, from_north).then({shop::PaidT{}});
}

TEST(order, is_paid_then_shipped_then_delivered) {
  given<order>({placed, tea_added}).when(shop::ShipT{.parcel = "p-1"}, from_north).rejects("not_paid");
  const auto paid = given<order>({placed, tea_added, shop::PaidT{}});
  paid.when(shop::PayT{.cents = 700}, from_north).rejects("already_paid");
  paid.when(shop::ShipT{.parcel = "p-1"}, from_north).then({shop::ShippedT{.parcel = "p-1"}});
  paid.when(shop::DeliverT{}, from_north).rejects("not_shipped");
  const auto shipped = given<order>({placed, tea_added, shop::PaidT{}, shop::ShippedT{.parcel = "p-1"}});
  shipped.when(shop::CancelT{}, from_north).rejects("already_shipped");
  shipped.when(shop::DeliverT{}, from_north).then({shop::DeliveredT{}}).ends();
}

TEST(order, says_who_cancelled_it_and_its_number_is_free_again) {
  given<order>({placed, tea_added})
      .when(shop::CancelT{.reason = "too late"}, from_north)
      .then({shop::CancelledT{.by = "ada", .reason = "too late"}})
      .ends();
  given<order>({placed, tea_added, shop::CancelledT{.by = "ada"}})
      .ended()
      .when(place(cup), from_south)
      .then({shop::PlacedT{.customer = "bob", .tenant = "south"}, cup_added})
      .replies({.cents = 900});
}

TEST(order, reads_the_lines_of_version_1) {
  given<order>({placed, shop::LineAddedT{.article = "tea", .euros = 3}, cup_added})
      .when(shop::PayT{.cents = 1200}, from_north)
      .then({shop::PaidT{}});
}

}  // namespace
}  // namespace samples
