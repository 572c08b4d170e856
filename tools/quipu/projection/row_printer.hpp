/// Rows of one table as lines.
#pragma once

#include <quipu/journal/schema.hpp>
#include <quipu/projections/key_shape.hpp>
#include <quipu/projections/projection_type.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reading/condition.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

class row_printer {
 public:
  row_printer(const port::projection_table& table, const std::vector<condition>& wanted, bool as_json,
              output& out);

  /// False: the conditions do not hold of it. What they can't be asked of, for it can't be decoded, is printed.
  bool print(std::string_view key, bytes_view row);

  bool found_damage() const { return found_damage_; }

 private:
  std::string text_of(std::string_view key) const;
  void complain_of(std::string_view key, const std::string& why);

  const port::projection_table& table_;
  const std::vector<condition>& wanted_;
  const bool as_json_;
  output& out_;
  std::optional<key_shape> shape_;
  std::optional<journal::schema_reader> reader_;
  bool found_damage_ = false;
};

}  // namespace quipu::tool
