#include "basket.hpp"

#include <gtest/gtest.h>
#include <quipu/domain.hpp>
#include <quipu/testing.hpp>

#include <algorithm>
#include <cstring>

namespace model_test {
namespace {

quipu::bytes packed(const auto& object) {
  const auto view = quipu::pack(object);
  return {view.begin(), view.end()};
}

BasketT full_basket() {
  BasketT basket;
  basket.note = "note";
  basket.tags = {"a", "b"};
  basket.lines.push_back(std::make_unique<LineT>());
  basket.lines[0]->price = std::make_unique<units::MoneyT>();
  basket.lines[0]->price->cents = 250;
  basket.events = 4;
  basket.extra.type = Extra::Note;
  basket.extra.value = new NoteT{};
  return basket;
}

TEST(entity, says_what_it_stores) {
  const auto& type = quipu::entity_type_of<basket>();
  EXPECT_EQ(&type, &quipu::entity_type_of<basket>());
  EXPECT_EQ(type.category, "basket");
  EXPECT_EQ(type.window.count, 7U);
  EXPECT_EQ(type.time_to_live, std::chrono::hours(24));
  ASSERT_EQ(type.events.size(), 7U);
  EXPECT_EQ(type.events[1].name, "model_test.Added");
  std::vector<std::string> names;
  for (const auto& named : type.schemas) {
    names.push_back(named.name);
    EXPECT_TRUE(named.schema);
    EXPECT_FALSE(named.binary.empty());
  }
  EXPECT_EQ(std::count(names.begin(), names.end(), "model_test.Count"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "model_test.Basket"), 1);
  EXPECT_EQ(names.size(), 9U);
}

TEST(entity, saves_loads_and_clones) {
  const auto& type = quipu::entity_type_of<basket>();
  const BasketT before = full_basket();
  quipu::bytes image = {1, 2, 3};
  type.save(&before, image);
  EXPECT_EQ(image[2], 3);
  // Loaded from an odd address: whoever stores images need not align them.
  const auto loaded = type.load(quipu::bytes_view(image).subspan(3));
  EXPECT_EQ(*static_cast<const BasketT*>(loaded.get()), before);
  const auto copy = type.clone(loaded.get());
  EXPECT_EQ(*static_cast<const BasketT*>(copy.get()), before);
  EXPECT_NE(static_cast<const BasketT*>(copy.get())->lines[0],
            static_cast<const BasketT*>(loaded.get())->lines[0]);
  EXPECT_EQ(*static_cast<const BasketT*>(type.make().get()), BasketT{});
}

TEST(entity, refuses_to_save_or_copy_what_would_crash) {
  const auto& type = quipu::entity_type_of<basket>();
  BasketT broken;
  broken.extra.type = Extra::Note;
  quipu::bytes image;
  EXPECT_THROW(type.save(&broken, image), std::invalid_argument);
  EXPECT_THROW(type.clone(&broken), std::invalid_argument);
}

TEST(entity, evolves_from_stored_events_without_leftovers) {
  const auto& type = quipu::entity_type_of<basket>();
  const auto state = type.make();
  BeganT first{.note = "one"};
  first.tags = {"x", "y"};
  type.evolve(state.get(), 0, packed(first));
  type.evolve(state.get(), 0, packed(BeganT{.note = "two"}));
  const auto& basket = *static_cast<const BasketT*>(state.get());
  EXPECT_EQ(basket.note, "two");
  EXPECT_TRUE(basket.tags.empty());
  EXPECT_EQ(basket.events, 2);
  EXPECT_THROW(type.evolve(state.get(), 7, packed(first)), std::out_of_range);
  EXPECT_THROW(type.evolve(state.get(), 1, {}), quipu::port::damaged_payload);
}

/// Takes events as they are stored; an old one too, once it is today's.
struct reader {
  static constexpr std::string_view category = "reader";
  using state = BasketT;
  using commands = quipu::types<BeginT>;
  using events = quipu::types<BeganT, RolledT>;
  using old_events = quipu::types<TakenT>;
  static BeganT upcast(const TakenT& e) { return {.note = e.article}; }
  static quipu::decision<reader> decide(quipu::absent, const BeginT& c, const quipu::context&) {
    return emit(BeganT{.note = c.note}).emit(RolledT{.value = 9}).emit(BeganT{.note = "!"});
  }
  static void evolve(state& b, const Began& e) {
    b.note += flatbuffers::GetString(e.note());  // null where it is empty
    seen = &e;
  }
  static void evolve(state& b, const RolledT& e) { b.rolled = e.value; }
  static inline const void* seen = nullptr;
};

/// Calls `use` with every buffer that differs from `sound` in one byte, and with every beginning of it; says
/// how many were refused as damaged. Anything else that is thrown is a fault.
template <class F>
std::size_t refused_of(const quipu::bytes& sound, F use) {
  std::size_t refused = 0;
  const auto attempt = [&](const quipu::bytes& damaged) {
    try {
      use(damaged);
    } catch (const quipu::port::damaged_payload& e) {
      EXPECT_EQ(std::strncmp(e.what(), "model_test.", 11), 0) << e.what();
      ++refused;
    }
  };
  for (std::size_t i = 0; i < sound.size(); ++i) {
    for (unsigned mask = 1; mask < 256; ++mask) {
      quipu::bytes damaged = sound;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ mask);
      attempt(damaged);
    }
  }
  for (std::size_t size = 0; size < sound.size(); ++size)
    attempt({sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(size)});
  return refused;
}

// Either a damaged buffer still verifies, and can be worked with, or it is refused. The sanitizers look on.
TEST(entity, survives_damaged_events) {
  const auto& type = quipu::entity_type_of<basket>();
  LineT line;
  line.article = "article";
  line.price = std::make_unique<units::MoneyT>();
  line.price->cents = 1;
  const auto refused = refused_of(packed(basket::added(line)), [&type](const quipu::bytes& damaged) {
    const auto state = type.make();
    type.evolve(state.get(), 1, damaged);
    quipu::bytes image;
    type.save(state.get(), image);
  });
  EXPECT_GT(refused, 1000U);
}

TEST(entity, survives_damaged_events_in_place) {
  const auto& type = quipu::entity_type_of<reader>();
  BeganT event{.note = "note"};
  event.tags = {"a", "b"};
  const auto refused = refused_of(
      packed(event), [&type](const quipu::bytes& damaged) { type.evolve(type.make().get(), 0, damaged); });
  EXPECT_GT(refused, 1000U);
}

TEST(entity, survives_damaged_states) {
  const auto& type = quipu::entity_type_of<basket>();
  const auto refused = refused_of(packed(full_basket()), [&type](const quipu::bytes& damaged) {
    const auto copy = type.clone(type.load(damaged).get());
    quipu::bytes image;
    type.save(copy.get(), image);
  });
  EXPECT_GT(refused, 1000U);
}

TEST(table, survives_damage_in_every_shape) {
  OrderT order = sound_order();
  order.lines.push_back(std::make_unique<LineT>());
  order.extra.type = Extra::text;
  order.extra.value = new std::string("text");
  order.extras.resize(2);
  order.extras[0].type = Extra::where;
  order.extras[0].value = new Point(5, 6);
  order.extras[1].type = Extra::Line;
  order.extras[1].value = new LineT{};
  order.tags = {"t"};
  order.raw = {1, 2, 3};
  order.maybe = 4;
  const auto refused = refused_of(packed(order), [](const quipu::bytes& damaged) {
    const auto copy = quipu::unpack<OrderT>(damaged);
    (void)quipu::pack(copy);
  });
  EXPECT_GT(refused, 1000U);
}

/// A state that is no table.
struct tally {
  static constexpr std::string_view category = "tally";
  static constexpr std::string_view state_name = "tally-v1";
  struct state {
    std::uint8_t events = 0;
  };
  using commands = quipu::types<PeekT>;
  using events = quipu::types<EmptiedT>;
  static quipu::decision<tally> decide(quipu::absent, const PeekT&, const quipu::context&) {
    return emit(EmptiedT{});
  }
  static void evolve(state& s, const EmptiedT&) { ++s.events; }
  static void save(const state& s, quipu::bytes& out) { out.push_back(s.events); }
  static state load(quipu::bytes_view image) {
    if (image.size() != 1) throw quipu::port::damaged_payload("tally: one byte expected");
    return {image[0]};
  }
};
struct tally_2 : tally {
  static constexpr int state_version = 2;
  static quipu::decision<tally_2> decide(quipu::absent, const PeekT&, const quipu::context&) {
    return emit(EmptiedT{});
  }
};

TEST(entity, may_save_its_state_itself) {
  const auto& type = quipu::entity_type_of<tally>();
  const auto state = type.make();
  type.evolve(state.get(), 0, packed(EmptiedT{}));
  quipu::bytes image;
  type.save(state.get(), image);
  EXPECT_EQ(image, quipu::bytes{1});
  EXPECT_EQ(static_cast<const tally::state*>(type.load(image).get())->events, 1);
  EXPECT_THROW(type.load({}), quipu::port::damaged_payload);
  EXPECT_EQ(type.schemas.size(), 1U);
  EXPECT_EQ(type.window.count, quipu::port::repeat_window{}.count);
}

TEST(entity, may_read_stored_events_in_place) {
  const auto& type = quipu::entity_type_of<reader>();
  const auto state = type.make();
  const auto& basket = *static_cast<const BasketT*>(state.get());
  const auto event = packed(BeganT{.note = "one"});
  type.evolve(state.get(), 0, event);
  EXPECT_EQ(basket.note, "one");
  EXPECT_GE(reader::seen, event.data());
  EXPECT_LT(reader::seen, event.data() + event.size());
  type.evolve(state.get(), 2, packed(TakenT{.article = ", two"}));
  EXPECT_EQ(basket.note, "one, two");
  // Bytes that nobody aligned are read all the same.
  quipu::bytes odd = {0};
  odd.insert(odd.end(), event.begin(), event.end());
  type.evolve(state.get(), 0, quipu::bytes_view(odd).subspan(1));
  EXPECT_EQ(basket.note, "one, twoone");
  EXPECT_THROW(type.evolve(state.get(), 0, {}), quipu::port::damaged_payload);
  EXPECT_EQ(basket.note, "one, twoone");
}

TEST(entity, reads_in_place_what_a_command_emits) {
  const auto seen = quipu::testing::given<reader>().when(BeginT{.note = "on"}).accepts();
  EXPECT_EQ(seen.state().note, "on!");
  EXPECT_EQ(seen.state().rolled, 9U);
}

TEST(entity, fingerprint_is_of_the_state_and_its_version) {
  const auto& one = quipu::entity_type_of<tally>();
  const auto& two = quipu::entity_type_of<tally_2>();
  EXPECT_TRUE(one.fingerprint);
  EXPECT_NE(one.fingerprint, two.fingerprint);
  EXPECT_NE(one.fingerprint, quipu::entity_type_of<basket>().fingerprint);
}

TEST(domain, lists_its_entities) {
  const auto shop = quipu::domain{"shop", quipu::entities<basket, tally>};
  EXPECT_EQ(shop.name(), "shop");
  ASSERT_EQ(shop.entities().size(), 2U);
  EXPECT_EQ(shop.find("tally"), &quipu::entity_type_of<tally>());
  EXPECT_EQ(shop.find("none"), nullptr);
  EXPECT_THROW((quipu::domain{"shop", quipu::entities<tally, tally_2>}), std::invalid_argument);
}

}  // namespace
}  // namespace model_test
