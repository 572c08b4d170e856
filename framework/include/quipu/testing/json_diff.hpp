/// How the test kit shows what differs: JSON, a line a field, with - for expected and + for actual.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quipu::testing {

/// One-line JSON as indented lines. Text that is no JSON comes back in some other layout, never lost.
inline std::vector<std::string> json_lines(std::string_view json) {
  std::vector<std::string> lines(1);
  std::size_t depth = 0;
  bool quoted = false;
  const auto next_line = [&] { lines.emplace_back(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted) {
      lines.back() += c;
      if (c == '\\' && i + 1 < json.size())
        lines.back() += json[++i];
      else if (c == '"')
        quoted = false;
    } else if ((c == '{' || c == '[') && i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']')) {
      lines.back() += c;
      lines.back() += json[++i];
    } else if (c == '{' || c == '[') {
      lines.back() += c;
      ++depth;
      next_line();
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
      next_line();
      lines.back() += c;
    } else if (c == ',') {
      lines.back() += c;
      next_line();
    } else if (c == ':') {
      lines.back() += ": ";
    } else if (c != ' ' && c != '\n') {
      quoted = c == '"';
      lines.back() += c;
    }
  }
  return lines;
}

/// Line by line: what only `expected` has with "- ", what only `actual` has with "+ ", what both have with "
/// ".
inline std::string diff_lines(const std::vector<std::string>& expected,
                              const std::vector<std::string>& actual) {
  // The longest common subsequence; test data is small.
  const std::size_t rows = expected.size();
  const std::size_t columns = actual.size();
  std::vector<std::vector<std::size_t>> common(rows + 1, std::vector<std::size_t>(columns + 1, 0));
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      common[i][j] = expected[i] == actual[j]
                         ? common[i + 1][j + 1] + 1
                         : (common[i + 1][j] > common[i][j + 1] ? common[i + 1][j] : common[i][j + 1]);
  std::string text;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && expected[i] == actual[j]) {
      text += "    " + expected[i] + "\n";
      ++i, ++j;
    } else if (i < rows && (j == columns || common[i + 1][j] >= common[i][j + 1])) {
      text += "  - " + expected[i++] + "\n";
    } else {
      text += "  + " + actual[j++] + "\n";
    }
  }
  return text;
}

}  // namespace quipu::testing
