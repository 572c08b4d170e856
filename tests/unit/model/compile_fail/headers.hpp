// What all of them include, precompiled once.
#include <quipu/domain.hpp>

#include "shapes_quipu.hpp"
