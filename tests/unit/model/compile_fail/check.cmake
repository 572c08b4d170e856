# Compiles SOURCE and expects its first error to be the one that its first line announces, and the compiler to name the
# entity up to there. A source that begins with "expect: no error" has to compile: it shows that the others fail for their
# reason and not for another. With HEADERS instead of SOURCE: precompiles what all of them include as PRECOMPILED.
set(flags -std=c++23 -Wno-missing-field-initializers)
string(REPLACE "|" ";" directories "${INCLUDES}")
foreach(directory IN LISTS directories)
  list(APPEND flags "-I${directory}")  # -I of a system directory is ignored, -isystem is not
endforeach()

if(HEADERS)
  cmake_path(GET PRECOMPILED PARENT_PATH place)
  file(MAKE_DIRECTORY "${place}")
  file(COPY "${HEADERS}" DESTINATION "${place}")
  execute_process(COMMAND "${COMPILER}" ${flags} -x c++-header "${PRECOMPILED}" -o "${PRECOMPILED}.gch"
                  COMMAND_ERROR_IS_FATAL ANY)
  return()
endif()

file(STRINGS "${SOURCE}" first_line LIMIT_COUNT 1)
string(REGEX REPLACE "^// expect: " "" expected "${first_line}")
execute_process(COMMAND "${COMPILER}" ${flags} -fsyntax-only -Winvalid-pch -include "${PRECOMPILED}" "${SOURCE}"
                RESULT_VARIABLE status ERROR_VARIABLE messages)

if(expected MATCHES "^no error")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "expected to compile:\n${messages}")
  endif()
  return()
endif()
if(status EQUAL 0)
  message(FATAL_ERROR "expected not to compile: ${expected}")
endif()
string(REGEX MATCH "error: [^\n]*" first_error "${messages}")
string(FIND "${first_error}" "${expected}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "expected the first error to say\n  ${expected}\nbut it is\n  ${first_error}\n\n${messages}")
endif()
string(FIND "${messages}" "${first_error}" at)
string(SUBSTRING "${messages}" 0 ${at} context)
if(NOT "${context}${first_error}" MATCHES "basket")
  message(FATAL_ERROR "expected the first error to name the entity, with what leads to it:\n${messages}")
endif()
