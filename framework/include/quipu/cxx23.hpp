/// The language that these headers are written in, said before the compiler says what follows from another one.
#pragma once

#if __cplusplus <= 202002L
#error "Quipu needs C++23: compile with -std=c++23"
#endif
