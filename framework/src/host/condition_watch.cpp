#include "host/condition_watch.hpp"

#include <algorithm>
#include <string>

namespace quipu::host {
namespace {

constexpr int looks_until_calm = 3;
constexpr core::time_us silence = 2'000'000;  // of a journal; a disk or a server may take a second

// "partition 3", or "partition 3 and 4 others"
std::string name_of_them(std::size_t first, std::size_t count) {
  auto text = "partition " + std::to_string(first);
  if (count > 1) text += " and " + std::to_string(count - 1) + (count == 2 ? " other" : " others");
  return text;
}

std::string seconds(core::time_us time) { return std::to_string(time / 1'000'000) + " s"; }

}  // namespace

void condition_watch::look(const std::vector<core::partition_status>& partitions,
                           std::vector<std::uint64_t> refused, core::time_us now) {
  look_for_overload(std::move(refused));
  look_at_the_journal(partitions, now);
}

void condition_watch::look_for_overload(std::vector<std::uint64_t> refused) {
  refused_.resize(refused.size());
  std::uint64_t sum = 0;
  std::uint64_t most = 0;
  std::size_t count = 0;
  std::size_t worst = 0;
  for (std::size_t p = 0; p < refused.size(); ++p) {
    const auto more = refused[p] - std::min(refused_[p], refused[p]);
    sum += more;
    if (more == 0) continue;
    ++count;
    if (more > most) {
      most = more;
      worst = p;
    }
  }
  refused_ = std::move(refused);
  if (count > 0) {
    calm_looks_ = 0;
    if (overloaded_) return;
    overloaded_ = true;
    board_.tell({.kind = notice_kind::overloaded,
                 .text = std::to_string(sum) +
                         " commands were refused for want of room: " + name_of_them(worst, count)});
  } else if (overloaded_ && ++calm_looks_ == looks_until_calm) {
    overloaded_ = false;
    board_.tell({.kind = notice_kind::overload_over, .text = "no command is refused any more"});
  }
}

void condition_watch::look_at_the_journal(const std::vector<core::partition_status>& partitions,
                                          core::time_us now) {
  core::time_us oldest = 0;
  std::size_t count = 0;
  std::size_t first = 0;
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    const auto sent = partitions[p].unsettled_since;
    if (sent == 0 || now - sent < silence) continue;
    if (count++ == 0) first = p;
    oldest = oldest == 0 ? sent : std::min(oldest, sent);
  }
  if (count > 0 && lost_since_ == 0) {
    lost_since_ = oldest;
    board_.tell({.kind = notice_kind::journal_lost,
                 .text = "the journal has not settled for " + seconds(now - oldest) +
                         " what was sent to it by " + name_of_them(first, count) + "; its commands wait"});
  } else if (count == 0 && lost_since_ != 0) {
    board_.tell({.kind = notice_kind::journal_back,
                 .text = "the journal settles again, after " + seconds(now - lost_since_)});
    lost_since_ = 0;
  }
}

}  // namespace quipu::host
