/// How an event is shown: a line of text, or of JSON.
#pragma once

#include <string>

#include "reading/payload_reader.hpp"
#include "reading/placed_event.hpp"
#include "terminal/printing.hpp"

namespace quipu::tool {

struct line_format {
  bool as_json = false;
  bool raw = false;  ///< payloads as bytes, whatever the journal knows of them
};

/// For a footer: the keys of an event as JSON.
extern const char* const event_keys_help;

/// One thread.
class event_lines {
 public:
  /// Both must outlive it. Flushes `out` before it complains of a payload.
  event_lines(line_format format, payload_reader& payloads, output& out)
      : format_(format), payloads_(payloads), out_(out) {}

  /// Without a line end.
  std::string line_of(const placed_event& event);
  std::string text_of(const placed_event& event);
  json json_of(const placed_event& event);

  /// Whether a payload was shown as bytes because it, or its schema, is damaged (a line on stderr said so).
  bool found_damage() const { return found_damage_; }

 private:
  shown_payload show(const journal::type_ref& type, bytes_view payload, const std::string& where);
  void put_payload(json& into, const journal::type_ref& type, bytes_view payload, const std::string& where);

  line_format format_;
  payload_reader& payloads_;
  output& out_;
  bool found_damage_ = false;
};

}  // namespace quipu::tool
