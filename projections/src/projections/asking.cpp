// What a process wants of another one that keeps a projection.
#include "projections/shelf.hpp"
#include "projections/wishes.hpp"

#include <thread>

namespace quipu::projecting {

result<released> shelf::ask_keeper(std::string_view projection, const letter_wish& wish,
                                   std::chrono::milliseconds patience,
                                   const std::function<bool()>& look) const {
  using clock = std::chrono::steady_clock;
  const auto home = of(projection);
  const auto live = home.live();
  if (!live) return std::unexpected(live.error());
  const auto keeper = *live == 0 ? std::nullopt : home.holder(*live);
  const auto name = "projection " + std::string(projection);
  if (!keeper) return fail(error_code::projection_unanswered, "no process keeps " + name);
  const wishes box(home.directory_of(*live));
  const auto id = box.leave(wish);
  if (!id) return std::unexpected(id.error());
  const auto who = "process " + *keeper + ", which keeps " + name + ", ";
  for (const auto until = clock::now() + patience;;
       std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
    if (auto came = box.answer(*id)) return *came;
    const bool gone = !home.holder(*live);
    std::string why;
    if (gone)
      why = who + "ended";
    else if (const auto now = home.live(); now && *now != *live)
      why = "another generation of " + name + " was promoted meanwhile";
    else if (clock::now() >= until)
      why = who + "has not answered in time";
    else if (look && !look())
      why = "interrupted";
    else
      continue;
    if (box.withdraw(*id) == wishes::withdrawn::yes)
      return fail(error_code::projection_unanswered,
                  why + "; what was wished is withdrawn, nothing was done");
    const bool dropped = gone && box.forget(*id);
    if (auto came = box.answer(*id)) return *came;
    return fail(
        error_code::projection_wish_lost,
        why + (dropped ? "; it had begun with what was wished" : "; it is still about what was wished") +
            ": the dead letters and the skips tell whether it was done");
  }
}

}  // namespace quipu::projecting
