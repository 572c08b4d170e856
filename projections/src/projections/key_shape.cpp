#include <quipu/projections/key_shape.hpp>

#include <quipu/journal/record.hpp>
#include <quipu/projections/key.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace quipu {
namespace {

constexpr std::string_view dividers = "(),";

struct wrong_text : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void put_escaped(char c, std::string& out) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out.append("\\x");
  out += digits[static_cast<unsigned char>(c) >> 4U];
  out += digits[static_cast<unsigned char>(c) & 0xfU];
}

/// So that a part can be told from its neighbours.
void put_part(std::string_view escaped, bool among_parts, std::string& out) {
  if (!among_parts) {
    out.append(escaped);
    return;
  }
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const bool first_blank = escaped[i] == ' ' && escaped.find_first_not_of(' ') >= i;
    if (first_blank || dividers.find(escaped[i]) != std::string_view::npos)
      put_escaped(escaped[i], out);
    else
      out += escaped[i];
  }
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    const auto* digits = text.data() + i + 2;
    const bool there = i + 3 < text.size() && text[i + 1] == 'x';
    if (!there || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
      throw wrong_text("behind a backslash come x and two hexadecimal digits; a backslash is \\x5c");
    out += static_cast<char>(byte);
    i += 3;
  }
  return out;
}

template <class N>
std::optional<N> number_in(std::string_view text) {
  N number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool take(std::string_view& from, std::string_view word) {
  if (!from.starts_with(word)) return false;
  from.remove_prefix(word.size());
  return true;
}

std::uint64_t ones(std::uint8_t bytes) {
  return bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * bytes) - 1;
}

/// Texts, before other parts, as model::key_codec<std::string> has them, without their end.
void put_text_in_front(std::string_view text, std::string& out) {
  for (const char c : text) {
    out.push_back(c);
    if (c == '\0') out.push_back('\xff');
  }
}

}  // namespace

std::optional<key_shape> key_shape::parse(std::string_view words) {
  auto shape = take(words);
  return words.empty() ? shape : std::nullopt;
}

std::optional<key_shape> key_shape::take(std::string_view& words) {
  key_shape shape;
  if (quipu::take(words, "(")) {
    shape.is_ = kind::parts;
    do {
      auto part = take(words);
      if (!part) return std::nullopt;
      shape.parts_.push_back(std::move(*part));
    } while (quipu::take(words, ", "));
    if (!quipu::take(words, ")")) return std::nullopt;
    return shape;
  }
  if (quipu::take(words, "text")) return shape;
  if (quipu::take(words, "event")) {
    shape.is_ = kind::event;
    return shape;
  }
  shape.is_ = kind::number;
  shape.descending_ = quipu::take(words, "descending ");
  shape.negative_ = quipu::take(words, "i");
  if (!shape.negative_ && !quipu::take(words, "u")) return std::nullopt;
  for (const auto& [bits, size] : {std::pair{"8", 1}, {"16", 2}, {"32", 4}, {"64", 8}}) {
    if (!quipu::take(words, bits)) continue;
    shape.bytes_ = static_cast<std::uint8_t>(size);
    return shape;
  }
  return std::nullopt;
}

std::string key_shape::words() const {
  if (is_ == kind::text) return "text";
  if (is_ == kind::event) return "event";
  if (is_ == kind::number)
    return (descending_ ? "descending " : "") + std::string(negative_ ? "i" : "u") +
           std::to_string(8 * bytes_);
  std::string all;
  for (const auto& part : parts_) all += (all.empty() ? "" : ", ") + part.words();
  return "(" + all + ")";
}

std::string key_shape::text(std::string_view& stored, bool last) const {
  std::string out;
  put_text(stored, last, false, out);
  if (last && !stored.empty()) throw port::damaged_payload("a stored key ends too late");
  return out;
}

void key_shape::put_text(std::string_view& stored, bool last, bool among_parts, std::string& out) const {
  switch (is_) {
    case kind::text:
      put_part(journal::escape_key(model::key_codec<std::string>::decode(stored, last)), among_parts, out);
      return;
    case kind::event: {
      const auto id = model::key_codec<event_key>::decode(stored, last);
      put_part(journal::event_id(id.category, id.key, id.sequence), among_parts, out);
      return;
    }
    case kind::number: {
      std::uint64_t number = 0;
      for (const char c : model::take_bytes(stored, bytes_))
        number = number << 8U | static_cast<unsigned char>(c);
      if (negative_) number ^= std::uint64_t{1} << (8U * bytes_ - 1);
      if (descending_) number = ~number & ones(bytes_);
      const bool below_zero = negative_ && (number >> (8U * bytes_ - 1)) != 0;
      if (below_zero) number |= ~ones(bytes_);
      out += below_zero ? std::to_string(static_cast<std::int64_t>(number)) : std::to_string(number);
      return;
    }
    case kind::parts:
      out += '(';
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (i > 0) out += ", ";
        parts_[i].put_text(stored, last && i + 1 == parts_.size(), true, out);
      }
      out += ')';
      return;
  }
}

void key_shape::put_number(std::string_view text, std::string& out) const {
  std::uint64_t number = 0;
  bool fits = false;
  if (negative_) {
    const auto limit = static_cast<std::int64_t>(ones(bytes_) >> 1U);
    const auto given = number_in<std::int64_t>(text);
    fits = given && *given <= limit && *given >= -limit - 1;
    if (given) number = static_cast<std::uint64_t>(*given);
  } else {
    const auto given = number_in<std::uint64_t>(text);
    fits = given && *given <= ones(bytes_);
    if (given) number = *given;
  }
  if (!fits) throw wrong_text("\"" + std::string(text) + "\" is no number of the type " + words());
  if (descending_) number = ~number;
  if (negative_) number ^= std::uint64_t{1} << (8U * bytes_ - 1);
  for (int shift = 8 * bytes_ - 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

// Whether it is all of a key.
bool key_shape::put_stored(std::string_view text, bool last, wanted what, std::string& out) const {
  switch (is_) {
    case kind::text: {
      const auto plain = unescaped(text);
      if (last) {
        out.append(plain);
      } else {
        put_text_in_front(plain, out);
        if (what == wanted::whole) out.append(2, '\0');
      }
      return what == wanted::whole;
    }
    case kind::event: {
      const auto at = text.rfind('@');
      const auto sequence =
          at == std::string_view::npos ? std::nullopt : number_in<std::uint64_t>(text.substr(at + 1));
      const auto entity = sequence ? text.substr(0, at) : text;
      const auto slash = entity.find('/');
      const auto category = entity.substr(0, slash);
      if (!journal::valid_category(category))
        throw wrong_text("\"" + std::string(text) + "\" is no event's id: write category/key@number");
      if (slash == std::string_view::npos || slash + 1 == entity.size()) {
        out.append(category).push_back('/');
        return false;
      }
      const auto key = unescaped(entity.substr(slash + 1));
      if (!journal::valid_key(key))
        throw wrong_text("\"" + std::string(text) + "\" is no event's id: there is no such key");
      model::key_codec<event_key>::encode(category, key, sequence.value_or(0), out);
      if (!sequence) out.resize(out.size() - sizeof(std::uint64_t));
      return sequence.has_value();
    }
    case kind::number:
      put_number(text, out);
      return true;
    case kind::parts:
      return put_parts(text, last, what, out);
  }
  return true;
}

bool key_shape::put_parts(std::string_view text, bool last, wanted what, std::string& out) const {
  if (!text.starts_with('(') || !text.ends_with(')') || text.size() < 3)
    throw wrong_text("keys are " + words() + ": write them so, in parentheses");
  text = text.substr(1, text.size() - 2);
  std::size_t index = 0;
  bool whole = true;
  for (bool more = true; more; ++index) {
    if (index == parts_.size()) throw wrong_text("there are more parts than keys have: " + words());
    if (!whole) throw wrong_text("only the last part may be incomplete");
    std::size_t end = 0;
    for (int depth = 0; end < text.size() && (depth > 0 || text[end] != ','); ++end)
      depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
    more = end < text.size();
    const bool at_end = last && index + 1 == parts_.size();
    whole = parts_[index].put_stored(text.substr(0, end), at_end, more ? wanted::whole : what, out);
    text.remove_prefix(more ? end + 1 : end);
    if (more) text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  return whole && index == parts_.size();
}

std::expected<key_shape::stored_key, std::string> key_shape::stored(std::string_view text, bool last) const {
  stored_key key;
  try {
    key.whole = put_stored(text, last, wanted::whole, key.bytes);
  } catch (const std::exception& wrong) {
    return std::unexpected(wrong.what());
  }
  return key;
}

std::expected<std::string, std::string> key_shape::stored_prefix(std::string_view text, bool last) const {
  if (is_ == kind::number)
    return std::unexpected("keys are numbers (" + words() +
                           "), which have no beginnings: give --from and --to");
  std::string out;
  try {
    put_stored(text, last, wanted::beginning, out);
  } catch (const std::exception& wrong) {
    return std::unexpected(wrong.what());
  }
  return out;
}

}  // namespace quipu
