#include "reading/entity_name.hpp"

#include <quipu/journal/record.hpp>

namespace quipu::tool {

std::optional<entity_name> parse_entity(std::string_view text) {
  auto slash = text.find('/');  // a category has none, a key may
  if (slash == std::string_view::npos || !journal::valid_category(text.substr(0, slash))) return std::nullopt;
  auto shown = text.substr(slash + 1);
  auto key = shown.find('\\') == std::string_view::npos ? std::string(shown) : journal::unescape_key(shown);
  if (!key || !journal::valid_key(*key)) return std::nullopt;
  return entity_name{std::string(text.substr(0, slash)), std::move(*key)};
}

}  // namespace quipu::tool
