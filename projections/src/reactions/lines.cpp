#include "reactions/lines.hpp"

#include <algorithm>
#include <utility>

namespace quipu::reacting {

void lines::add(const row_key& key, outbox_row row) {
  auto [at, fresh] = items_.try_emplace(key);
  if (!fresh) return;
  at->second.row = std::move(row);
  join(key, at->second);
}

void lines::clear() { *this = {}; }

void lines::join(const row_key& key, item& what) {
  const auto& to = what.row.to_send();
  auto& in = lines_[to.category + '/' + to.key];
  if (in.target.empty()) in.target = to.category + '/' + to.key;
  what.in = &in;
  const auto size = what.row.size();
  const bool leads = in.keys.empty() || key < in.head();
  if (leads) out_of_state(in);
  in.keys.insert(key);
  in.bytes += size;
  bytes_ += size;
  if (leads) {
    settle(in);
  } else if (in.is == line::state::dead) {
    ++dead_;
    dead_bytes_ += size;
  }
}

void lines::leave(const row_key& key, item& what) {
  auto& in = *what.in;
  out_of_state(in);
  if (in.flying == key) {
    in.flying.reset();
    --flying_;
  }
  in.keys.erase(key);
  in.bytes -= what.row.size();
  bytes_ -= what.row.size();
  if (in.keys.empty())
    lines_.erase(lines_.find(in.target));
  else
    settle(in);
}

// Nowhere, until settle().
void lines::out_of_state(line& which) {
  using state = line::state;
  if (which.is == state::ready) std::erase(ready_, &which);
  if (which.is == state::resting) {
    const auto [from, to] = resting_.equal_range(which.until);
    for (auto at = from; at != to; ++at)
      if (at->second == &which) {
        resting_.erase(at);
        break;
      }
  }
  if (which.is == state::dead) {
    dead_ -= which.keys.size();
    dead_bytes_ -= which.bytes;
  }
  which.is = state::idle;
}

void lines::settle(line& which) {
  using state = line::state;
  if (which.flying) return;
  const auto& head = items_.at(which.head());
  if (head.row.dead) {
    which.is = state::dead;
    dead_ += which.keys.size();
    dead_bytes_ += which.bytes;
  } else if (head.tries > 0 && which.until != time_point{}) {
    which.is = state::resting;
    resting_.emplace(which.until, &which);
  } else {
    which.is = state::ready;
    ready_.push_back(&which);
  }
}

std::optional<row_key> lines::take_off(time_point now) {
  while (!resting_.empty() && resting_.begin()->first <= now) {
    auto& which = *resting_.begin()->second;
    out_of_state(which);
    which.until = {};
    settle(which);
  }
  if (ready_.empty()) return std::nullopt;
  auto& which = *ready_.front();
  ready_.pop_front();
  which.is = line::state::idle;
  which.flying = which.head();
  ++flying_;
  return which.flying;
}

void lines::done(const row_key& key) {
  auto& what = items_.at(key);
  leave(key, what);
  items_.erase(key);
}

void lines::rest(const row_key& key, time_point until) {
  auto& which = *items_.at(key).in;
  out_of_state(which);
  if (which.flying == key) {
    which.flying.reset();
    --flying_;
  }
  which.until = until;
  settle(which);
}

void lines::change(const row_key& key, outbox_row row) {
  auto& what = items_.at(key);
  leave(key, what);
  what.row = std::move(row);
  what.tries = what.refusals = 0;
  what.error.clear();
  join(key, what);
}

std::optional<lines::time_point> lines::next_time() const {
  if (resting_.empty()) return std::nullopt;
  return resting_.begin()->first;
}

const lines::item* lines::first(row_key& key) const {
  if (items_.empty()) return nullptr;
  key = items_.begin()->first;
  return &items_.begin()->second;
}

const lines::item* lines::first_live(row_key& key) const {
  const auto found =
      std::ranges::find_if(items_, [](const auto& one) { return one.second.in->is != line::state::dead; });
  if (found == items_.end()) return nullptr;
  key = found->first;
  return &found->second;
}

}  // namespace quipu::reacting
