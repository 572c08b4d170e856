#pragma once

#include <quipu/domain.hpp>

#include "shapes_quipu.hpp"
