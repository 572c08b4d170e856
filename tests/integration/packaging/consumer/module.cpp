#include <quipu/module.hpp>

#include "counter.hpp"

QUIPU_MODULE(counters())
