#include "format/payload_json.hpp"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "format/json_string.hpp"
#include "format/schema_check.hpp"

namespace quipu::journal {
namespace {

namespace fb = flatbuffers;
using reflection::BaseType;

std::string_view view_of(const fb::String* text) { return {text->data(), text->size()}; }

template <class Number>
void put_number(std::string& out, Number number) {
  std::array<char, 64> room;
  auto end = std::to_chars(room.data(), room.data() + room.size(), number).ptr;
  out.append(room.data(), end);
}

/// JSON has no word for what is no number: the text is one that FlatBuffers' parser reads back.
template <class Real>
void put_real(std::string& out, Real number) {
  if (std::isnan(number)) {
    out += "\"nan\"";
  } else if (std::isinf(number)) {
    out += number < 0 ? "\"-inf\"" : "\"inf\"";
  } else {
    put_number(out, number);
  }
}

std::int64_t read_integer(BaseType type, const std::uint8_t* at) {
  switch (type) {
    case BaseType::Byte:
      return fb::ReadScalar<std::int8_t>(at);
    case BaseType::Short:
      return fb::ReadScalar<std::int16_t>(at);
    case BaseType::UShort:
      return fb::ReadScalar<std::uint16_t>(at);
    case BaseType::Int:
      return fb::ReadScalar<std::int32_t>(at);
    case BaseType::UInt:
      return fb::ReadScalar<std::uint32_t>(at);
    case BaseType::Long:
    case BaseType::ULong:
      return fb::ReadScalar<std::int64_t>(at);
    default:
      return fb::ReadScalar<std::uint8_t>(at);
  }
}

class printer {
 public:
  printer(const reflection::Schema& schema, bytes_view payload) : schema_(schema), begin_(payload.data()) {}

  std::string run(const reflection::Object& table) {
    put_table(table, *fb::GetRoot<fb::Table>(begin_));
    return std::move(out_);
  }

 private:
  const reflection::Object& object(std::int32_t index) const {
    return *schema_.objects()->Get(static_cast<fb::uoffset_t>(index));
  }
  const reflection::Enum& enum_at(std::int32_t index) const {
    return *schema_.enums()->Get(static_cast<fb::uoffset_t>(index));
  }

  static std::vector<const reflection::Field*> by_id(const reflection::Object& type) {
    std::vector<const reflection::Field*> fields(type.fields()->begin(), type.fields()->end());
    std::ranges::sort(fields, {}, [](const auto* field) { return field->id(); });
    return fields;
  }

  void put_name(const reflection::Field& field, bool& first) {
    if (!first) out_ += ',';
    first = false;
    put_json_string(out_, view_of(field.name()));
    out_ += ": ";
  }

  void put_table(const reflection::Object& type, const fb::Table& table) {
    out_ += '{';
    bool first = true;
    for (const auto* field : by_id(type)) {
      auto place = table.GetOptionalFieldOffset(field->offset());
      if (place != 0) {
        put_name(*field, first);
        put_field(table, *field, reinterpret_cast<const std::uint8_t*>(&table) + place);
      } else if (is_scalar(field->type()->base_type()) && !field->optional() && !field->deprecated()) {
        put_name(*field, first);
        put_default(*field);
      }
    }
    out_ += '}';
  }

  void put_struct(const reflection::Object& type, const std::uint8_t* at) {
    out_ += '{';
    bool first = true;
    for (const auto* field : by_id(type)) {
      put_name(*field, first);
      const auto& is = *field->type();
      const auto* value = at + field->offset();
      if (is.base_type() == BaseType::Array) {
        put_inline_list(is, value, is.fixed_length());
      } else {
        put_inline(is.base_type(), is.index(), value);
      }
    }
    out_ += '}';
  }

  void put_default(const reflection::Field& field) {
    const auto& type = *field.type();
    if (type.base_type() == BaseType::Float) {
      put_real(out_, static_cast<float>(field.default_real()));
    } else if (type.base_type() == BaseType::Double) {
      put_real(out_, field.default_real());
    } else {
      put_integer(type.base_type(), type.index(), field.default_integer());
    }
  }

  void put_field(const fb::Table& table, const reflection::Field& field, const std::uint8_t* at) {
    const auto& type = *field.type();
    if (is_scalar(type.base_type()) ||
        (type.base_type() == BaseType::Obj && object(type.index()).is_struct())) {
      return put_inline(type.base_type(), type.index(), at);
    }
    const auto* target = at + fb::ReadScalar<fb::uoffset_t>(at);
    auto tag_field = static_cast<fb::voffset_t>(field.offset() - sizeof(fb::voffset_t));
    if (type.base_type() == BaseType::Vector) {
      const auto* tags = type.element() == BaseType::Union
                             ? table.GetPointer<const fb::Vector<std::uint8_t>*>(tag_field)->data()
                             : nullptr;
      put_vector(type, target, tags);
    } else {
      auto tag =
          type.base_type() == BaseType::Union ? table.GetField<std::uint8_t>(tag_field, 0) : std::uint8_t{0};
      put_target(type.base_type(), type.index(), target, tag);
    }
  }

  /// What lies behind an offset. `tag` says which member of a union it is.
  void put_target(BaseType type, std::int32_t index, const std::uint8_t* target, std::uint8_t tag) {
    if (type == BaseType::String) {
      put_json_string(out_, view_of(reinterpret_cast<const fb::String*>(target)));
    } else if (type == BaseType::Union) {
      for (const auto* member : *enum_at(index).values()) {
        if (member->value() != tag) continue;
        const auto& is = *member->union_type();
        put_target(is.base_type(), is.index(), target, 0);
      }
    } else if (object(index).is_struct()) {
      put_struct(object(index), target);
    } else {
      put_table(object(index), *reinterpret_cast<const fb::Table*>(target));
    }
  }

  void put_vector(const reflection::Type& type, const std::uint8_t* at, const std::uint8_t* tags) {
    auto count = fb::ReadScalar<fb::uoffset_t>(at);
    const auto* first = at + sizeof(fb::uoffset_t);
    if (is_scalar(type.element()) || (type.element() == BaseType::Obj && object(type.index()).is_struct())) {
      return put_inline_list(type, first, count);
    }
    out_ += '[';
    for (fb::uoffset_t i = 0; i < count; ++i) {
      if (i != 0) out_ += ',';
      const auto* place = first + i * sizeof(fb::uoffset_t);
      put_target(type.element(), type.index(), place + fb::ReadScalar<fb::uoffset_t>(place),
                 tags ? tags[i] : 0);
    }
    out_ += ']';
  }

  void put_inline_list(const reflection::Type& type, const std::uint8_t* first, std::size_t count) {
    auto size = is_scalar(type.element()) ? scalar_size(type.element())
                                          : static_cast<std::size_t>(object(type.index()).bytesize());
    out_ += '[';
    for (std::size_t i = 0; i < count; ++i) {
      if (i != 0) out_ += ',';
      put_inline(type.element(), type.index(), first + i * size);
    }
    out_ += ']';
  }

  void put_inline(BaseType type, std::int32_t index, const std::uint8_t* at) {
    if (type == BaseType::Obj) return put_struct(object(index), at);
    if (type == BaseType::Float) return put_real(out_, fb::ReadScalar<float>(at));
    if (type == BaseType::Double) return put_real(out_, fb::ReadScalar<double>(at));
    put_integer(type, index, read_integer(type, at));
  }

  void put_integer(BaseType type, std::int32_t index, std::int64_t value) {
    if (index >= 0 && put_enum(enum_at(index), value)) return;
    if (type == BaseType::Bool) {
      out_ += value != 0 ? "true" : "false";
    } else if (type == BaseType::ULong) {
      put_number(out_, static_cast<std::uint64_t>(value));
    } else {
      put_number(out_, value);
    }
  }

  /// False: the enum has no name for it, so the number itself must do.
  bool put_enum(const reflection::Enum& type, std::int64_t value) {
    for (const auto* known : *type.values()) {
      if (known->value() != value) continue;
      put_json_string(out_, view_of(known->name()));
      return true;
    }
    return false;
  }

  const reflection::Schema& schema_;
  const std::uint8_t* begin_;
  std::string out_;
};

}  // namespace

std::string payload_json(const reflection::Schema& schema, const reflection::Object& table,
                         bytes_view payload) {
  return printer(schema, payload).run(table);
}

}  // namespace quipu::journal
