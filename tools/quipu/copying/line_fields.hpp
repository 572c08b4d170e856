/// The members of a line's JSON object, and which one is not what it should be.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <quipu/journal/id.hpp>
#include <quipu/journal/position.hpp>
#include <string>
#include <string_view>

namespace quipu::tool {

using parsed_json = nlohmann::json;  ///< its members are found by name, not in the order of the line

/// The first member that is wrong: "events[2].base64: is not there". Empty: none so far.
struct field_trouble {
  std::string text;
  void note(const std::string& where, std::string_view what) {
    if (text.empty()) text = where + ": " + std::string(what);
  }
};

/// An object within a line. A member that is missing or of another kind is noted, and reads as something empty, so that a
/// caller may read all and ask once. Views; one thread.
class line_fields {
 public:
  line_fields(const parsed_json& object, std::string path, field_trouble& trouble);

  bool has(const char* key) const { return object_ != nullptr && object_->contains(key); }
  std::string text(const char* key) const;       ///< of ASCII or UTF-8
  std::string any_bytes(const char* key) const;  ///< a text, or {"base64": …}
  std::uint64_t number(const char* key, std::uint64_t most = UINT64_MAX) const;
  std::int64_t time(const char* key) const;
  bool flag(const char* key) const;           ///< false where it is not there
  id128 id(const char* key) const;            ///< zero where it is not there
  std::uint64_t hash(const char* key) const;  ///< 16 hexadecimal digits
  position place(const char* key) const;      ///< RECORD:INDEX
  bytes base64(const char* key) const;
  line_fields object(const char* key) const;
  const parsed_json& list(const char* key) const;

  std::string path_of(const char* key) const { return path_ + key; }
  field_trouble& trouble() const { return trouble_; }

 private:
  const parsed_json* find(const char* key) const;
  void note(const char* key, std::string_view what) const { trouble_.note(path_of(key), what); }

  const parsed_json* object_;  ///< null: it was none, and that is noted
  std::string path_;
  field_trouble& trouble_;
};

/// A text, or {"base64": …}; notes anything else.
std::string any_bytes_of(const parsed_json& value, const std::string& where, field_trouble& trouble);

}  // namespace quipu::tool
