/// How many deposits there were of each size: a projection that did not know every size on the day of the incident.
#pragma once

#include <quipu/projections/projection.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "account.hpp"
#include "read_models_quipu.hpp"

namespace samples {

/// `Known`: how many sizes, from the smallest on. A larger deposit is an event that it cannot apply: a dead letter, which
/// a program that knows more of them applies when somebody asks it to. Nothing wrong was stored, so the version stays.
template <std::size_t Known>
struct deposit_sizes {
  static constexpr std::string_view name = "deposit_sizes";
  static constexpr int version = 1;
  using entities = quipu::types<account>;
  using events = quipu::types<bank::DepositedT>;
  using sizes = quipu::table<"sizes", std::string, bank::BalanceRowT>;
  using tables = quipu::tables<sizes>;

  static void on(const bank::DepositedT& e, const quipu::envelope&, tables& t) {
    const auto size = static_cast<std::size_t>(e.amount / 100);
    const std::string row(known().at(size));
    if (!t.get<sizes>(row)) t.put<sizes>(row, {});
    t.update<sizes>(row, [](auto& counted) { ++counted.amount; });
  }

 private:
  static std::array<std::string_view, Known> known() {
    constexpr std::array<std::string_view, 4> all{"small", "middle", "large", "huge"};
    std::array<std::string_view, Known> out;
    std::copy_n(all.begin(), Known, out.begin());
    return out;
  }
};

}  // namespace samples
