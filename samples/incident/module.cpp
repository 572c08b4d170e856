/// What `quipu replay` mends the balances with, and `quipu dead-letter` the sizes.
#include <quipu/module.hpp>

#include "deposit_sizes.hpp"
#include "mended_balances.hpp"

QUIPU_MODULE(quipu::domain{"bank", quipu::entities<samples::account>,
                           quipu::projections<samples::mended_balances, samples::deposit_sizes<4>>})
