#pragma once

#include <quipu/reactions/reaction.hpp>

#include "account.hpp"
#include "read_models_quipu.hpp"
