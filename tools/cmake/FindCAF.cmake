# CAF installs no CMake package. Finds the core library: CAF::core, CAF_VERSION (as MAJOR.MINOR.PATCH).
find_path(CAF_INCLUDE_DIR caf/config.hpp)
find_library(CAF_CORE_LIBRARY NAMES caf_core)

if(CAF_INCLUDE_DIR)
  # config.hpp says `#define CAF_VERSION 1706` for 0.17.6 and 10002 for 1.0.2; later versions keep it in build_config.hpp.
  foreach(caf_header config.hpp detail/build_config.hpp)
    if(NOT CAF_VERSION AND EXISTS "${CAF_INCLUDE_DIR}/caf/${caf_header}")
      file(STRINGS "${CAF_INCLUDE_DIR}/caf/${caf_header}" caf_line REGEX "#[ ]*define CAF_VERSION [0-9]+")
      if(caf_line MATCHES "CAF_VERSION ([0-9]+)")
        math(EXPR caf_major "${CMAKE_MATCH_1} / 10000")
        math(EXPR caf_minor "${CMAKE_MATCH_1} / 100 % 100")
        math(EXPR caf_patch "${CMAKE_MATCH_1} % 100")
        set(CAF_VERSION "${caf_major}.${caf_minor}.${caf_patch}")
      endif()
    endif()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR VERSION_VAR CAF_VERSION)
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY)

if(CAF_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core UNKNOWN IMPORTED)
  # As a system directory: its headers do not keep to our warnings.
  set_target_properties(CAF::core PROPERTIES
    IMPORTED_LOCATION "${CAF_CORE_LIBRARY}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
