/// The airports as a module: `quipu module info build/release/samples/flights/flights_module.so`.
#include <quipu/module.hpp>

#include "flights_domain.hpp"

QUIPU_MODULE(samples::flights_domain())
