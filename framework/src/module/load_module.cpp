#include "module/shared_object.hpp"

#include <quipu/module.hpp>

#include <dlfcn.h>

#include <exception>
#include <string_view>
#include <system_error>

namespace quipu {
namespace {

std::unexpected<error> wrong(error_code code, const std::filesystem::path& file, const std::string& what) {
  return std::unexpected(error(code, file.string() + what));
}

constexpr auto this_quipu = "Quipu " QUIPU_VERSION " (" QUIPU_ABI ")";

/// The linker's last words. They repeat the file's name, which is said already.
std::string why_not(const std::filesystem::path& file) {
  const char* said = ::dlerror();  // NOLINT(concurrency-mt-unsafe): it is this thread's
  std::string text = said == nullptr ? "the linker does not say why" : said;
  if (const auto name = file.string() + ": "; text.starts_with(name)) text.erase(0, name.size());
  return text;
}

result<module> with_domain_of(const std::filesystem::path& file, const port::module_entry& entry) {
  const auto threw = [&](std::string_view what) {
    return wrong(error_code::module_threw, file,
                 ": its code threw while it made the domain: " + std::string(what) + ": mend the module");
  };
  try {
    const domain& whole = entry.domain();
    if (auto sound = well_formed(whole); !sound)
      return wrong(sound.error().code, file, ": " + sound.error().text);
    return module(file, whole);
  } catch (const std::exception& error) {
    return threw(error.what());
  } catch (...) {
    return threw("something that is no std::exception");
  }
}

}  // namespace

result<module> load_module(const std::filesystem::path& given) {
  // The linker would look for a name without a slash in its own directories.
  std::error_code unknown;
  auto file = std::filesystem::absolute(given, unknown);
  if (unknown) file = given;
  if (auto trouble = modules::trouble_with(file)) return wrong(error_code::module_file, {}, *trouble);

  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr)
    return wrong(error_code::module_file, file,
                 " cannot be loaded: " + why_not(file) + ": build it on this machine against " + this_quipu);
  const auto function =
      reinterpret_cast<port::module_function*>(::dlsym(library, port::module_function_name));
  const auto* entry = function == nullptr ? nullptr : function();
  if (entry == nullptr || entry->version == nullptr || entry->abi == nullptr)
    return wrong(error_code::module_foreign, file,
                 " is no module of Quipu: write QUIPU_MODULE(...) with your domain in one of its sources");
  if (std::string_view(entry->version) != QUIPU_VERSION || std::string_view(entry->abi) != QUIPU_ABI)
    return wrong(error_code::module_version, file,
                 std::string(" was built with Quipu ") + entry->version + " (" + entry->abi +
                     "), and this is " + this_quipu + ": build it anew against this one");
  return with_domain_of(file, *entry);
}

}  // namespace quipu
