#include "reactions/filling.hpp"

namespace quipu::reacting {
namespace {

class counted final : public port::rows {
 public:
  explicit counted(port::rows& into) : into_(into) {}
  std::optional<bytes_view> get(std::uint32_t table, std::string_view key) override {
    return into_.get(table, key);
  }
  std::optional<found> at_or_after(std::uint32_t table, std::string_view key) override {
    return into_.at_or_after(table, key);
  }
  void put(std::uint32_t table, std::string_view key, bytes_view row) override {
    ++count;
    size += row.size();
    into_.put(table, key, row);
  }
  void erase(std::uint32_t table, std::string_view key) override { into_.erase(table, key); }

  std::uint64_t count = 0;
  std::uint64_t size = 0;

 private:
  port::rows& into_;
};

}  // namespace

void filling::apply(std::uint32_t event, bytes_view payload, const envelope& from, port::rows& into) const {
  if (from.position <= begin_) return;
  counted rows(into);
  what_.apply(event, payload, from, rows);
  rows_ += rows.count;
  bytes_ += rows.size;
}

}  // namespace quipu::reacting
