#pragma once

#include <quipu/projections/projection.hpp>

#include "account.hpp"
#include "read_models_quipu.hpp"
