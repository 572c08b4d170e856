#include <quipu/module.hpp>

#include "diary.hpp"

QUIPU_MODULE(quipu::domain{"diaries", quipu::entities<samples::account>,
                           quipu::projections<quipu::test::diary>})
