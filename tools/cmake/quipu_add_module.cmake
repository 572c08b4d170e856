# quipu_add_module(TARGET source...)
#
# Makes TARGET, a shared library that the program `quipu` (and quipu::load_module()) can load: one source has a
# QUIPU_MODULE(...) with the domain. Link the domain's schema and what else it needs to TARGET, as to any other target.
#
# The library lends its host one function and nothing else, so that two modules with types of the same names (two versions
# of one domain) do not meet.
set(QUIPU_MODULE_EXPORTS "${CMAKE_CURRENT_LIST_DIR}/quipu_module.map")

function(quipu_add_module target)
  if(NOT ARGN)
    message(FATAL_ERROR "quipu_add_module(${target}): name at least one source after the target")
  endif()
  add_library(${target} MODULE ${ARGN})
  set_target_properties(${target} PROPERTIES
    PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS "${QUIPU_MODULE_EXPORTS}")
  target_link_options(${target} PRIVATE "LINKER:--version-script=${QUIPU_MODULE_EXPORTS}")
  if(TARGET quipu_library)  # in Quipu's own tree
    target_link_libraries(${target} PRIVATE quipu_library)
  else()
    target_link_libraries(${target} PRIVATE quipu::quipu)
  endif()
endfunction()
