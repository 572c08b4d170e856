/// The bank's domain: one value for its program, its module and tools.
#pragma once

#include <quipu/domain.hpp>

#include "account.hpp"
#include "balances.hpp"
#include "statement.hpp"

namespace samples {

inline quipu::domain bank_domain() {
  return quipu::domain{"bank", quipu::entities<account>, quipu::projections<balances, statement>};
}

}  // namespace samples
