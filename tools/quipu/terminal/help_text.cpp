#include "terminal/help_text.hpp"

#include <algorithm>
#include <vector>

namespace quipu::tool {
namespace {

/// A line that is longer by its next word was broken because it was full.
constexpr std::size_t full = 105;

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

/// Where the second column begins: behind two spaces or more; the indent where there is none.
std::size_t second_column(std::string_view line) {
  const auto indent = indent_of(line);
  const auto gap = line.find("  ", indent);
  if (gap == std::string_view::npos) return indent;
  return std::min(line.find_first_not_of(' ', gap), line.size());
}

std::string_view first_word(std::string_view line) {
  line.remove_prefix(indent_of(line));
  return line.substr(0, line.find(' '));
}

/// Of a command: a space between quotes ends nothing.
std::size_t end_of_argument(std::string_view command) {
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == 0 && c == ' ') return i;
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
  }
  return command.size();
}

class filler {
 public:
  explicit filler(std::size_t columns) : columns_(columns) {}

  void add(std::string_view line) {
    if (line.empty()) {
      close();
      out_ += '\n';
      last_ = line;
      return;
    }
    if (line == "Examples:") examples_ = true;
    const bool goes_on = !examples_ && !open_.empty() && indent_of(line) == hang_ &&
                         second_column(line) == hang_ && width_of(last_) + 1 + first_word(line).size() > full;
    if (goes_on) {
      (open_ += ' ') += line.substr(indent_of(line));
    } else {
      close();
      open_ = line;
      hang_ = second_column(line);
    }
    last_ = line;
  }
  std::string end() {
    close();
    if (!out_.empty()) out_.pop_back();
    return std::move(out_);
  }

 private:
  void close() {
    if (open_.empty()) return;
    if (width_of(open_) > columns_)
      break_up();
    else
      out_ += open_ + "\n";
    open_.clear();
  }
  void break_up() {
    const auto indent = indent_of(open_);
    auto hang = hang_;
    std::string line(open_, 0, hang);
    auto rest = std::string_view(open_).substr(hang);
    if (examples_) {
      hang = indent + 4;
    } else if (hang > columns_ / 2) {  // no room beside the first column: below it
      if (indent < hang)
        fill(std::string(indent, ' '),
             std::string_view(line).substr(0, line.find_last_not_of(' ') + 1).substr(indent), indent + 2);
      hang = std::min<std::size_t>(indent + 4, columns_ / 4);
      line.assign(hang, ' ');
    }
    fill(std::move(line), rest, hang);
  }
  /// `line` with the words of `rest` behind it, and as many lines after it as they need.
  void fill(std::string line, std::string_view rest, std::size_t hang) {
    const std::string_view behind = examples_ ? " \\" : "";
    bool begun = false;
    while (!rest.empty()) {
      const auto word = rest.substr(0, examples_ ? end_of_argument(rest) : rest.find(' '));
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      if (begun && width_of(line) + 1 + width_of(word) + (rest.empty() ? 0 : behind.size()) > columns_) {
        (out_ += line) += behind;
        out_ += '\n';
        line.assign(hang, ' ');
        begun = false;
      }
      if (begun) line += ' ';
      line += word;
      begun = true;
    }
    out_ += line + "\n";
  }

  const std::size_t columns_;
  std::string out_;
  std::string open_;  ///< a paragraph or an item, not broken
  std::string last_;  ///< the line that was added last
  std::size_t hang_ = 0;
  bool examples_ = false;
};

}  // namespace

std::string fitted(std::string_view help, std::size_t columns) {
  filler out(columns);
  while (!help.empty()) {
    const auto line = help.substr(0, help.find('\n'));
    out.add(line);
    help.remove_prefix(std::min(line.size() + 1, help.size()));
  }
  return out.end();
}

}  // namespace quipu::tool
