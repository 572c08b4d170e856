#include "projection/row_printer.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace quipu::tool {

row_printer::row_printer(const port::projection_table& table, const std::vector<condition>& wanted,
                         bool as_json, output& out)
    : table_(table), wanted_(wanted), as_json_(as_json), out_(out), shape_(key_shape::parse(table.key)) {
  if (auto opened = journal::schema_reader::open({table.row.binary.begin(), table.row.binary.end()}))
    reader_ = std::move(*opened);
}

std::string row_printer::text_of(std::string_view key) const {
  try {
    auto rest = key;
    if (shape_) return shape_->text(rest, true);
  } catch (const std::exception&) {  // not of this shape: its bytes
  }
  return "0x" + hex(as_bytes(key));
}

void row_printer::complain_of(std::string_view key, const std::string& why) {
  found_damage_ = true;
  out_.flush();
  complain("the row " + text_of(key) + " of " + table_.name + " does not hold: " + why);
}

bool row_printer::print(std::string_view key, bytes_view row) {
  std::string text;
  std::string trouble = "the read model has no schema for it";
  if (reader_) {
    auto shown = reader_->to_json(table_.row.table(), row);
    if (shown)
      text = std::move(*shown);
    else
      complain_of(key, trouble = shown.error().text);
  }
  auto object = json(json::value_t::discarded);
  if (!text.empty() && (as_json_ || !wanted_.empty())) {
    object = json::parse(text, nullptr, false);
    if (object.is_discarded()) trouble = "JSON has no word for it: " + text;
  }
  if (!object.is_discarded() &&
      !std::ranges::all_of(wanted_, [&](const condition& one) { return one.holds(object); }))
    return false;
  if (!as_json_) {
    out_.line(printable(table_.name) + "  " + printable(text_of(key)) + "  " +
              (text.empty() ? "bytes " + hex(row) + " (" + printable(trouble) + ")" : printable(text)));
    return true;
  }
  json line{{"table", valid_utf8(table_.name)}, {"key", valid_utf8(text_of(key))}, {"row", nullptr}};
  if (!object.is_discarded()) {
    line["row"] = std::move(object);
  } else {
    line["row_bytes"] = hex(row);
    line["row_error"] = valid_utf8(trouble);
  }
  out_.line(line_of(line));
  return true;
}

}  // namespace quipu::tool
