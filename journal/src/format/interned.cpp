#include "format/interned.hpp"

namespace quipu::journal {

std::uint16_t interned::index_of(std::string_view text, const id128& id) {
  type_ref wanted{text, id};
  if (last_hit_ < entries_.size() && at(last_hit_) == wanted) return static_cast<std::uint16_t>(last_hit_);
  auto oldest = entries_.size() > searched ? entries_.size() - searched : 0;
  for (auto i = entries_.size(); i > oldest; --i) {
    if (at(i - 1) == wanted) {
      last_hit_ = i - 1;
      return static_cast<std::uint16_t>(last_hit_);
    }
  }
  entries_.push_back({text_.size(), text.size(), id});
  text_ += text;
  last_hit_ = entries_.size() - 1;
  return static_cast<std::uint16_t>(last_hit_);
}

void interned::clear() {
  text_.clear();
  entries_.clear();
  last_hit_ = 0;
}

}  // namespace quipu::journal
