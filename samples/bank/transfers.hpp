/// Money from one account to another. What is in accounts and what is on its way is constant.
#pragma once

#include <quipu/reactions/reaction.hpp>

#include <string>
#include <string_view>

#include "account.hpp"

namespace samples {

struct transfers {
  static constexpr std::string_view name = "transfers";
  using entities = quipu::types<account>;
  using events = quipu::types<bank::TransferSentT>;

  static void on(const bank::TransferSentT& e, const quipu::envelope& from, quipu::commands& out) {
    out.send<account>(e.to, bank::CreditT{.from = std::string(from.key), .amount = e.amount})
        .if_rejected<account>(from.key, bank::RefundT{.to = e.to, .amount = e.amount});
  }
};

}  // namespace samples
