#include "module/shared_object.hpp"

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>

namespace quipu::modules {
namespace {

template <class T>
bool read_at(std::istream& in, std::uint64_t offset, T& out) {
  in.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(in.read(reinterpret_cast<char*>(&out), sizeof(out)));
}

bool is_elf(const Elf64_Ehdr& head) { return std::memcmp(head.e_ident, ELFMAG, SELFMAG) == 0; }

/// Whether all that the linker would map lies in a file of `size` bytes.
bool is_whole(std::istream& in, const Elf64_Ehdr& head, std::uint64_t size) {
  for (std::uint64_t i = 0; i < head.e_phnum; ++i) {
    Elf64_Phdr part{};
    if (!read_at(in, head.e_phoff + i * sizeof(part), part)) return false;
    if (part.p_type == PT_LOAD && (part.p_filesz > size || part.p_offset > size - part.p_filesz))
      return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> trouble_with(const std::filesystem::path& file) {
  constexpr std::string_view build_it = ": build it with quipu_add_module(), or with g++ -shared -fPIC";
  std::error_code unreadable;
  const auto kind = std::filesystem::status(file, unreadable);
  if (kind.type() == std::filesystem::file_type::not_found)
    return file.string() + ": there is no such file: name the shared library that quipu_add_module() made";
  if (!std::filesystem::exists(kind))
    return file.string() + " cannot be looked at: " + unreadable.message() + ": see to its permissions";
  if (!std::filesystem::is_regular_file(kind))
    return file.string() + " is no file: name the shared library that quipu_add_module() made";
  const auto size = std::filesystem::file_size(file, unreadable);
  std::ifstream in(file, std::ios::binary);
  if (unreadable || !in) return file.string() + " cannot be read: see to its permissions";

  Elf64_Ehdr head{};
  if (!read_at(in, 0, head) || !is_elf(head))
    return file.string() + " is no shared library" + std::string(build_it);
  // Other machines' libraries are the linker's to refuse.
  if (head.e_ident[EI_CLASS] == ELFCLASS64 && !is_whole(in, head, size))
    return file.string() + " is cut short: build or copy it again";
  return std::nullopt;
}

}  // namespace quipu::modules
