#include "reading/opened_journal.hpp"

#include <quipu/journal/open.hpp>
#include <utility>

namespace quipu::tool {

journal::result<opened_journal> open_to_read(const std::string& url) {
  auto opened = journal::open(url, {.mode = journal::access::read, .node_directory = {}});
  if (!opened) return std::unexpected(std::move(opened.error()));
  auto sum = (*opened)->summarize();
  if (!sum) return std::unexpected(std::move(sum.error()));
  // After the summary, so that none is missing that its records use.
  auto schemas = (*opened)->schemas();
  if (!schemas) return std::unexpected(std::move(schemas.error()));
  return opened_journal{std::move(*opened), std::move(*sum), std::move(*schemas)};
}

}  // namespace quipu::tool
