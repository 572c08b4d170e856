/// quipu-schema: writes NAME_quipu.hpp for a FlatBuffers schema. Run by the CMake function quipu_schema().
#include "writer.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

std::vector<std::uint8_t> contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

// Exit codes: 0 done, 1 the schema is not usable, 2 wrong usage, 3 a file could not be read or written.
int main(int argc, char** argv) {
  CLI::App app("Writes the header that Quipu needs beside flatc's: embedded schema and null guards.",
               "quipu-schema");
  std::filesystem::path binary;
  std::string generated;
  std::filesystem::path output;
  app.add_option("schema", binary,
                 "binary schema (flatc -b --schema --bfbs-comments --bfbs-builtins --bfbs-filenames DIR)")
      ->required();
  app.add_option("--header", generated, "flatc's header; default: NAME_generated.h");
  app.add_option("-o,--output", output, "what to write; default: NAME_quipu.hpp, beside the schema");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? 0 : 2;
  }
  const std::string stem = binary.stem().string();
  if (generated.empty()) generated = stem + "_generated.h";
  if (output.empty()) output = binary.parent_path() / (stem + "_quipu.hpp");

  std::error_code unreadable;
  if (!std::filesystem::is_regular_file(binary, unreadable)) {
    std::fprintf(stderr, "quipu-schema: cannot read %s\n", binary.c_str());
    return 3;
  }
  try {
    const std::string text = quipu::schema_tool::quipu_header(contents(binary), stem, generated);
    std::ofstream out(output, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
      std::fprintf(stderr, "quipu-schema: cannot write %s\n", output.c_str());
      return 3;
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "quipu-schema: %s: %s\n", binary.c_str(), e.what());
    return 1;
  }
  return 0;
}
