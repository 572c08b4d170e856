# What every target of the project has in common.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

find_program(QUIPU_CCACHE ccache)
if(QUIPU_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${QUIPU_CCACHE}")
endif()

# Most of what a file costs is headers that it shares with its neighbours.
option(QUIPU_UNITY "Compile files in groups: a whole build takes half of the time, one after a change longer" OFF)
if(QUIPU_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 5)
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)  # g++ takes a file of a group for a header
endif()

# Links take a quarter of the time with it.
find_program(QUIPU_MOLD mold)
if(QUIPU_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

if(QUIPU_SANITIZE)
  add_compile_options(-fsanitize=${QUIPU_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${QUIPU_SANITIZE})
  if(QUIPU_SANITIZE MATCHES "undefined")
    # CAF 0.17 binds references to nothing in its headers; a null that is really used ends the program all the same.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=null)
  endif()
endif()

# Warnings are errors in our own code. FlatBuffers' object API relies on designated initializers that leave the
# rest to the defaults, hence no -Wmissing-field-initializers.
add_library(quipu_house INTERFACE)
target_compile_options(quipu_house INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion
                       -Wno-missing-field-initializers)
# g++ 12 sees ghosts in optimised std::expected and std::vector, more of them under sanitizers; clang keeps watch.
target_compile_options(quipu_house INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-stringop-overread -Wno-stringop-overflow -Wno-array-bounds>)

# Everything that is generated, for tools that read sources without building them.
add_custom_target(quipu_generated)
