# What is installed: the library libquipu, its headers, the programs, and what finds them. And a .deb of it.
#
#   component runtime        libquipu.so.VERSION, quipu
#   component development    headers, libquipu.so, quipu-schema, CMake's and pkg-config's files, documents and samples
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(quipu_cmake_directory "${CMAKE_INSTALL_LIBDIR}/cmake/quipu")

install(TARGETS quipu_library quipu_headers EXPORT quipu-targets
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS quipu-schema EXPORT quipu-targets RUNTIME COMPONENT development)
install(TARGETS quipu_cli RUNTIME COMPONENT runtime)
# Wherever the whole is put, the program finds its library beside it.
file(RELATIVE_PATH quipu_beside "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
set_target_properties(quipu_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${quipu_beside}")

# Manual pages and completion come from the program's own list of commands: at the install, so that no build waits for them.
find_program(QUIPU_HELP2MAN help2man)
if(QUIPU_HELP2MAN)
  set(quipu_man_pages "${PROJECT_SOURCE_DIR}/tools/man-pages")
  add_custom_target(man COMMAND "${quipu_man_pages}" "$<TARGET_FILE:quipu_cli>" "${PROJECT_BINARY_DIR}/man"
    DEPENDS quipu_cli COMMENT "Manual pages in ${PROJECT_BINARY_DIR}/man" VERBATIM)
  install(CODE "execute_process(COMMAND \"${quipu_man_pages}\" \"$<TARGET_FILE:quipu_cli>\"
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1\" COMMAND_ERROR_IS_FATAL ANY)" COMPONENT runtime)
else()
  message(STATUS "No help2man: no manual pages are installed")
endif()
install(FILES tools/quipu/completion.bash DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME quipu
  COMPONENT runtime)

install(DIRECTORY framework/include/quipu journal/include/quipu projections/include/quipu DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT development FILES_MATCHING PATTERN "*.hpp")
install(EXPORT quipu-targets NAMESPACE quipu:: DESTINATION "${quipu_cmake_directory}" COMPONENT development)
configure_package_config_file(tools/cmake/quipu-config.cmake.in "${PROJECT_BINARY_DIR}/quipu-config.cmake"
  INSTALL_DESTINATION "${quipu_cmake_directory}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/quipu-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/quipu-config.cmake" "${PROJECT_BINARY_DIR}/quipu-config-version.cmake"
    tools/cmake/quipu_schema.cmake tools/cmake/quipu_add_module.cmake tools/cmake/quipu_module.map
  DESTINATION "${quipu_cmake_directory}" COMPONENT development)

file(RELATIVE_PATH quipu_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(tools/cmake/quipu.pc.in "${PROJECT_BINARY_DIR}/quipu.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/quipu.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
# As they lie in the project, so that what one says of another is right there too. Airports are shown by tools/demo, in a clone.
install(FILES README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development)
install(DIRECTORY docs samples DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development
  PATTERN samples/flights EXCLUDE)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright COMPONENT runtime)

# cpack --config build/release/CPackConfig.cmake: one .deb with both components. Its libraries are found by dpkg-shlibdeps;
# the headers and the compiler of FlatBuffers are what code against Quipu needs.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME quipu)
set(CPACK_PACKAGE_VENDOR Quipu)
set(CPACK_PACKAGE_CONTACT "The authors of Quipu")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libflatbuffers-dev, flatbuffers-compiler")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++ (>= 4:12), cmake (>= 3.25), pkg-config")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Keyed actors turn commands into events; the events go in fenced group commits
to a journal, LMDB embedded or NATS JetStream, and state comes back after a
crash by snapshot plus replay.

The library with its headers, the program quipu that looks into journals and
loads modules, and the CMake functions quipu_schema() and quipu_add_module().
Begin with /usr/share/doc/quipu/docs/tutorial.md.")
include(CPack)
