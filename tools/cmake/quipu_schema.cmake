# quipu_schema(TARGET SCHEMA file.fbs... [INCLUDES dir...])
#
# Makes TARGET, an interface library with the C++ code of FlatBuffers schemas: for each NAME.fbs the header
# NAME_generated.h (flatc, with the object API) and NAME_quipu.hpp (the embedded schema and null guards), which includes the
# former. Link it beside quipu::quipu and `#include "NAME_quipu.hpp"`.
# A schema that another one includes belongs into the same call, or is linked as a target of its own; INCLUDES says where
# flatc looks for it.
find_program(QUIPU_FLATC flatc REQUIRED)

function(quipu_schema target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SCHEMA;INCLUDES")
  if(NOT arg_SCHEMA)
    message(FATAL_ERROR "quipu_schema(${target}): name at least one file after SCHEMA")
  endif()
  set(directory "${CMAKE_CURRENT_BINARY_DIR}/${target}")
  file(MAKE_DIRECTORY "${directory}")

  set(schemas "")
  foreach(file IN LISTS arg_SCHEMA)
    cmake_path(ABSOLUTE_PATH file NORMALIZE)
    list(APPEND schemas "${file}")
  endforeach()
  set(search "")
  foreach(include IN LISTS arg_INCLUDES)
    cmake_path(ABSOLUTE_PATH include NORMALIZE)
    list(APPEND search -I "${include}")
  endforeach()

  # --gen-compare: tests compare objects; --gen-mutable: structs in objects can be set; scoped enums and name strings:
  # registration without macros. The file names in the binary schema tell own tables from included ones.
  set(outputs "")
  foreach(file IN LISTS schemas)
    cmake_path(GET file STEM LAST_ONLY name)
    cmake_path(GET file PARENT_PATH home)
    add_custom_command(
      OUTPUT "${directory}/${name}_generated.h" "${directory}/${name}.bfbs" "${directory}/${name}_quipu.hpp"
      COMMAND "${QUIPU_FLATC}" --cpp --cpp-std c++17 --gen-object-api --gen-name-strings --scoped-enums --gen-compare
              --gen-mutable ${search} -o "${directory}" "${file}"
      COMMAND "${QUIPU_FLATC}" -b --schema --bfbs-comments --bfbs-builtins --bfbs-filenames "${home}" ${search}
              -o "${directory}" "${file}"
      COMMAND quipu::quipu-schema "${directory}/${name}.bfbs"
      DEPENDS ${schemas} "$<TARGET_FILE:quipu::quipu-schema>"
      COMMENT "Schema ${name}"
      VERBATIM)
    list(APPEND outputs "${directory}/${name}_quipu.hpp")
  endforeach()

  add_custom_target(${target}_files DEPENDS ${outputs})
  if(TARGET quipu_generated)
    add_dependencies(quipu_generated ${target}_files)
  endif()
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_files)
  target_include_directories(${target} SYSTEM INTERFACE "${directory}")
  target_link_libraries(${target} INTERFACE quipu::headers)
endfunction()
