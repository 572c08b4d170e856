/// What `quipu replay` mends the balances with.
#include <quipu/module.hpp>

#include "mended_balances.hpp"

QUIPU_MODULE(quipu::domain{"bank", quipu::entities<samples::account>,
                           quipu::projections<samples::mended_balances>})
