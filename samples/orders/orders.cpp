/// The life of an order: `orders [DIRECTORY [JOURNAL]]`. Run it twice: the second order has the first one's number.
#include <quipu/runtime.hpp>

#include <cstdio>
#include <memory>

#include "order.hpp"

namespace {

using samples::order;

template <class R>
void print(const char* what, const quipu::result<quipu::answer<R>>& said) {
  if (!said)
    std::printf("%-18s error: %s\n", what, said.error().text.c_str());
  else if (!said->accepted())
    std::printf("%-18s rejected: %s\n", what, said->rejected().code.c_str());
  else
    std::printf("%-18s done, event %llu\n", what, static_cast<unsigned long long>(said->sequence));
}

shop::PlaceT tea_for_two() {
  shop::PlaceT place;  // a table that holds tables takes no designated initializers
  place.customer = "Bob";
  for (const auto& line : {shop::LineT{.article = "tea", .quantity = 1, .cents = 350},
                           shop::LineT{.article = "cup", .quantity = 2, .cents = 900}})
    place.lines.push_back(std::make_unique<shop::LineT>(line));
  return place;
}

}  // namespace

int main(int argc, char** argv) {
  const auto domain = quipu::domain{"orders", quipu::entities<order>};
  auto rt = quipu::runtime::open(
      domain, {.directory = argc > 1 ? argv[1] : "orders-data", .journal = argc > 2 ? argv[2] : "lmdb:"});
  if (!rt) {
    std::fprintf(stderr, "orders: %s\n", rt.error().text.c_str());
    return 3;
  }

  // Stored with every commit; `quipu journal cat` shows them, and decide reads them from its context.
  const quipu::ask_options north{.headers = {{"tenant", "north"}, {"user", "ada"}}};
  const quipu::ask_options south{.headers = {{"tenant", "south"}}};

  print("place", rt->ask<order>("1001", tea_for_two(), north).get());
  print("pay, by another", rt->ask<order>("1001", shop::PayT{.cents = 2150}, south).get());
  print("pay too little", rt->ask<order>("1001", shop::PayT{.cents = 1}, north).get());
  print("pay", rt->ask<order>("1001", shop::PayT{.cents = 2150}, north).get());
  print("ship", rt->ask<order>("1001", shop::ShipT{.parcel = "P-77"}, north).get());
  print("deliver", rt->ask<order>("1001", shop::DeliverT{}, north).get());

  // It has ended: the number is free, and the events of its next life go on counting.
  print("pay what ended", rt->ask<order>("1001", shop::PayT{.cents = 2150}, north).get());
  print("place again", rt->ask<order>("1001", tea_for_two(), south).get());
  print("cancel", rt->ask<order>("1001", shop::CancelT{.reason = "changed my mind"}, south).get());

  return rt->close().complete() ? 0 : 1;
}
