/// The bank as a module: `quipu module info build/release/samples/bank/bank_module.so`.
#include <quipu/module.hpp>

#include "bank_domain.hpp"

QUIPU_MODULE(samples::bank_domain())
