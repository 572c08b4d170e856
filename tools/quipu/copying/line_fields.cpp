#include "copying/line_fields.hpp"

#include <utility>

#include "copying/encoded_bytes.hpp"
#include "reading/position_argument.hpp"

namespace quipu::tool {

line_fields::line_fields(const parsed_json& object, std::string path, field_trouble& trouble)
    : object_(object.is_object() ? &object : nullptr), path_(std::move(path)), trouble_(trouble) {
  if (object_ == nullptr)
    trouble_.note(path_.empty() ? "the line" : path_.substr(0, path_.size() - 1), "is no object");
}

const parsed_json* line_fields::find(const char* key) const {
  if (object_ == nullptr) return nullptr;
  const auto found = object_->find(key);
  if (found == object_->end()) {
    note(key, "is not there");
    return nullptr;
  }
  return &*found;
}

std::string line_fields::text(const char* key) const {
  const auto* value = find(key);
  if (value == nullptr) return {};
  if (!value->is_string()) return note(key, "is no text"), std::string();
  return value->get<std::string>();
}

std::string any_bytes_of(const parsed_json& value, const std::string& where, field_trouble& trouble) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("base64") && value["base64"].is_string()) {
    if (const auto data = from_base64(value["base64"].get_ref<const std::string&>()))
      return std::string(as_text(*data));
  }
  trouble.note(where, "is neither a text nor {\"base64\": …}");
  return {};
}

std::string line_fields::any_bytes(const char* key) const {
  const auto* value = find(key);
  return value == nullptr ? std::string() : any_bytes_of(*value, path_of(key), trouble_);
}

std::uint64_t line_fields::number(const char* key, std::uint64_t most) const {
  const auto* value = find(key);
  if (value == nullptr) return 0;
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most)
    return note(key,
                most == UINT64_MAX ? "is no whole number" : "is no number up to " + std::to_string(most)),
           0;
  return value->get<std::uint64_t>();
}

std::int64_t line_fields::time(const char* key) const {
  const auto* value = find(key);
  if (value == nullptr) return 0;
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX);
  if (!fits) return note(key, "is no time: a whole number of microseconds"), 0;
  return value->get<std::int64_t>();
}

bool line_fields::flag(const char* key) const {
  if (!has(key)) return false;
  const auto* value = find(key);
  if (!value->is_boolean()) return note(key, "is neither true nor false"), false;
  return value->get<bool>();
}

id128 line_fields::id(const char* key) const {
  if (!has(key)) return {};
  const auto parsed = id128::from_hex(text(key));
  if (!parsed) note(key, "is no id: 32 hexadecimal digits");
  return parsed.value_or(id128{});
}

std::uint64_t line_fields::hash(const char* key) const {
  const auto digits = text(key);
  const auto parsed = id128::from_hex(std::string(16, '0') + digits);
  if (!parsed) note(key, "is no hash: 16 hexadecimal digits");
  return parsed.value_or(id128{}).low;
}

position line_fields::place(const char* key) const {
  const auto parsed = parse_position(text(key));
  if (!parsed) note(key, "is no position: RECORD:INDEX");
  return parsed.value_or(position{});
}

bytes line_fields::base64(const char* key) const {
  auto data = from_base64(text(key));
  if (!data) note(key, "is no base64");
  return std::move(data).value_or(bytes{});
}

line_fields line_fields::object(const char* key) const {
  static const parsed_json none = parsed_json::object();
  const auto* value = find(key);
  return {value == nullptr ? none : *value, path_of(key) + ".", trouble_};
}

const parsed_json& line_fields::list(const char* key) const {
  static const parsed_json none = parsed_json::array();
  const auto* value = find(key);
  if (value == nullptr) return none;
  if (!value->is_array()) return note(key, "is no list"), none;
  return *value;
}

}  // namespace quipu::tool
