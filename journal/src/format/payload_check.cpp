#include "format/payload_check.hpp"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>

#include "format/schema_check.hpp"

namespace quipu::journal {
namespace {

namespace fb = flatbuffers;
using reflection::BaseType;

class walk {
 public:
  walk(const reflection::Schema& schema, bytes_view payload)
      : schema_(schema),
        begin_(payload.data()),
        verifier_(payload.data(), payload.size()),
        left_(payload.size() * 64 + 4096) {}

  bool run(const reflection::Object& table) {
    auto root = verifier_.VerifyOffset(std::size_t{0});
    return root != 0 && table_holds(table, begin_ + root);
  }

 private:
  const reflection::Object& object(const reflection::Type& type) const {
    return *schema_.objects()->Get(static_cast<fb::uoffset_t>(type.index()));
  }
  const reflection::Enum& union_of(const reflection::Type& type) const {
    return *schema_.enums()->Get(static_cast<fb::uoffset_t>(type.index()));
  }

  /// Parts may be shared, so that a small buffer unfolds into a huge text: there is a limit to that.
  bool spend(std::size_t amount) {
    if (amount > left_) return false;
    left_ -= amount;
    return true;
  }

  bool aligned(const std::uint8_t* at, std::size_t alignment) const {
    return static_cast<std::size_t>(at - begin_) % alignment == 0;
  }

  bool string_holds(const std::uint8_t* at) {
    const auto* text = reinterpret_cast<const fb::String*>(at);
    return verifier_.VerifyString(text) && spend(text->size());
  }

  bool struct_holds(const reflection::Object& type, const std::uint8_t* at) {
    auto size = static_cast<std::size_t>(type.bytesize());
    return aligned(at, static_cast<std::size_t>(type.minalign())) && verifier_.VerifyFromPointer(at, size) &&
           spend(size);
  }

  bool table_holds(const reflection::Object& type, const std::uint8_t* at) {
    if (!verifier_.VerifyTableStart(at)) return false;
    const auto& table = *reinterpret_cast<const fb::Table*>(at);
    auto holds = [&](const reflection::Field* field) { return field_holds(table, *field); };
    return std::ranges::all_of(*type.fields(), holds) && verifier_.EndTable();
  }

  bool field_holds(const fb::Table& table, const reflection::Field& field) {
    auto place = table.GetOptionalFieldOffset(field.offset());
    if (place == 0) return !field.required();
    const auto& type = *field.type();
    const auto* base = reinterpret_cast<const std::uint8_t*>(&table);
    if (is_scalar(type.base_type())) {
      auto size = scalar_size(type.base_type());
      return verifier_.VerifyFieldStruct(base, place, size, size);
    }
    if (type.base_type() == BaseType::Obj && object(type).is_struct())
      return struct_holds(object(type), base + place);
    if (!table.VerifyOffset(verifier_, field.offset())) return false;
    const auto* target = table.GetPointer<const std::uint8_t*>(field.offset());
    switch (type.base_type()) {
      case BaseType::String:
        return string_holds(target);
      case BaseType::Obj:
        return table_holds(object(type), target);
      case BaseType::Vector:
        return vector_holds(table, field, target);
      case BaseType::Union:
        return union_holds(table, field, target);
      default:
        return false;
    }
  }

  bool vector_holds(const fb::Table& table, const reflection::Field& field, const std::uint8_t* at) {
    const auto& type = *field.type();
    bool flat = is_scalar(type.element()) || (type.element() == BaseType::Obj && object(type).is_struct());
    auto size = sizeof(fb::uoffset_t);
    auto alignment = size;
    if (is_scalar(type.element())) {
      size = alignment = scalar_size(type.element());
    } else if (flat) {
      size = static_cast<std::size_t>(object(type).bytesize());
      alignment = static_cast<std::size_t>(object(type).minalign());
    }
    if (!verifier_.VerifyVectorOrString(at, size)) return false;
    auto count = fb::ReadScalar<fb::uoffset_t>(at);
    const auto* first = at + sizeof(fb::uoffset_t);
    if (count != 0 && !aligned(first, alignment)) return false;
    if (!spend(count * size)) return false;
    if (flat) return true;
    if (type.element() == BaseType::Union) return unions_hold(table, field, first, count);
    for (fb::uoffset_t i = 0; i < count; ++i) {
      const auto* target = follow(first + i * sizeof(fb::uoffset_t));
      if (target == nullptr) return false;
      if (!(type.element() == BaseType::String ? string_holds(target) : table_holds(object(type), target)))
        return false;
    }
    return true;
  }

  /// What the offset at `at` leads to; null when it leads out of the payload.
  const std::uint8_t* follow(const std::uint8_t* at) const {
    auto offset = verifier_.VerifyOffset(static_cast<std::size_t>(at - begin_));
    return offset == 0 ? nullptr : at + offset;
  }

  // A union's type field stands right before it: checked_schema() saw to that.
  static fb::voffset_t type_field_of(const reflection::Field& field) {
    return static_cast<fb::voffset_t>(field.offset() - sizeof(fb::voffset_t));
  }

  bool union_holds(const fb::Table& table, const reflection::Field& field, const std::uint8_t* target) {
    auto tag_field = type_field_of(field);
    if (!table.VerifyField<std::uint8_t>(verifier_, tag_field, 1)) return false;
    return member_holds(union_of(*field.type()), table.GetField<std::uint8_t>(tag_field, 0), target);
  }

  bool unions_hold(const fb::Table& table, const reflection::Field& field, const std::uint8_t* first,
                   fb::uoffset_t count) {
    auto tag_field = type_field_of(field);
    if (!table.VerifyOffset(verifier_, tag_field)) return false;
    const auto* tags = table.GetPointer<const fb::Vector<std::uint8_t>*>(tag_field);
    if (tags == nullptr || !verifier_.VerifyVector(tags) || tags->size() != count) return false;
    for (fb::uoffset_t i = 0; i < count; ++i) {
      const auto* target = follow(first + i * sizeof(fb::uoffset_t));
      if (target == nullptr || !member_holds(union_of(*field.type()), tags->Get(i), target)) return false;
    }
    return true;
  }

  bool member_holds(const reflection::Enum& type, std::uint8_t tag, const std::uint8_t* target) {
    for (const auto* member : *type.values()) {
      if (member->value() != tag) continue;
      const auto& is = *member->union_type();
      if (is.base_type() == BaseType::String) return string_holds(target);
      if (is.base_type() != BaseType::Obj) return false;  // none, and yet there is something
      return object(is).is_struct() ? struct_holds(object(is), target) : table_holds(object(is), target);
    }
    return false;
  }

  const reflection::Schema& schema_;
  const std::uint8_t* begin_;
  fb::Verifier verifier_;
  std::size_t left_;
};

}  // namespace

bool payload_holds(const reflection::Schema& schema, const reflection::Object& table, bytes_view payload) {
  if (payload.size() < sizeof(fb::uoffset_t) || payload.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) return false;
  return walk(schema, payload).run(table);
}

}  // namespace quipu::journal
