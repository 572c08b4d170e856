// Two versions of a table, compared by what their buffers mean. FlatBuffers finds a field by its number (its place in the
// table, or its `id`), so a buffer can verify against a changed schema and say something else.
#include <quipu/journal/schema.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "format/aligned_bytes.hpp"
#include "format/schema_check.hpp"

namespace quipu::journal {
namespace {

using reflection::BaseType;

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

class comparison {
 public:
  comparison(const reflection::Schema& older, const reflection::Schema& newer)
      : older_(older), newer_(newer) {}

  void tables(const reflection::Object& was, const reflection::Object& is) {
    if (!seen_.insert({&was, &is}).second) return;
    const auto name = text_of(is.name());
    if (was.is_struct() != is.is_struct()) {
      say(name + (was.is_struct() ? " was a struct and is a table" : " was a table and is a struct") +
          ": make a new type instead");
      return;
    }
    if (was.is_struct() && (was.bytesize() != is.bytesize() || was.fields()->size() != is.fields()->size()))
      return say("struct " + name + " has other fields: a struct can't change; make a new one");
    for (const auto* old_field : *was.fields()) field(name, *old_field, is);
  }

  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void say(std::string line) {
    if (std::ranges::find(lines_, line) == lines_.end()) lines_.push_back(std::move(line));
  }

  static const reflection::Field* numbered(const reflection::Object& in, std::uint16_t id) {
    for (const auto* one : *in.fields())
      if (one->id() == id) return one;
    return nullptr;
  }

  void field(const std::string& table, const reflection::Field& was, const reflection::Object& in) {
    const auto name = table + "." + text_of(was.name());
    const auto* of_name = in.fields()->LookupByKey(was.name()->c_str());
    if (of_name != nullptr && of_name->id() != was.id())
      return say(name + " was field number " + std::to_string(was.id()) + " and is number " +
                 std::to_string(of_name->id()) +
                 ": keep the order of the fields, or give each its old number with (id: N)");
    const auto* is = numbered(in, was.id());
    if (is == nullptr)
      return say(name + " is gone: keep it, marked (deprecated), so that its number is not used again");
    const auto before = type_name(*was.type(), older_);
    const auto after = type_name(*is->type(), newer_);
    if (before != after && !renamed_object(*was.type(), *is->type()))
      return say(name + " was " + before + " and is " + after +
                 ": add a field of the new type, or a new event with an upcast");
    if (was.default_integer() != is->default_integer() || was.default_real() != is->default_real())
      return say(name + " had another default (" + default_of(was) + ", now " + default_of(*is) +
                 "): a value that equals the default is not stored; keep it");
    if (!was.required() && is->required())
      return say(
          name +
          " was optional and is (required): old buffers without it would be refused; keep it optional");
    if (was.optional() != is->optional() && is_scalar(was.type()->base_type()))
      return say(name + " was " + (was.optional() ? "null" : "a plain value") +
                 " by default and is not: keep it");
    inside(*was.type(), *is->type());
  }

  static std::string default_of(const reflection::Field& of) {
    if (of.default_real() != 0) return std::to_string(of.default_real());
    return std::to_string(of.default_integer());
  }

  static BaseType element_of(const reflection::Type& type) {
    const bool holds = type.base_type() == BaseType::Vector || type.base_type() == BaseType::Array;
    return holds ? type.element() : type.base_type();
  }

  static std::string single_name(BaseType type) {
    static constexpr const char* names[] = {"none",   "union type", "bool",   "byte",  "ubyte", "short",
                                            "ushort", "int",        "uint",   "long",  "ulong", "float",
                                            "double", "string",     "vector", "table", "union", "array"};
    const auto index = static_cast<std::size_t>(type);
    return index < std::size(names) ? names[index] : "unknown";
  }

  static std::string type_name(const reflection::Type& type, const reflection::Schema& in) {
    const auto element = element_of(type);
    auto name = single_name(element);
    if (type.index() >= 0) {
      const auto at = static_cast<flatbuffers::uoffset_t>(type.index());
      if (element == BaseType::Obj)
        name = text_of(in.objects()->Get(at)->name());
      else if (element != BaseType::UType)
        name = text_of(in.enums()->Get(at)->name()) + " (" + name + ")";
    }
    if (type.base_type() == BaseType::Vector) return "[" + name + "]";
    if (type.base_type() == BaseType::Array)
      return "[" + name + ":" + std::to_string(type.fixed_length()) + "]";
    return name;
  }

  /// The same shape under another name: what is within is compared instead.
  static bool renamed_object(const reflection::Type& was, const reflection::Type& is) {
    return was.base_type() == is.base_type() && element_of(was) == element_of(is) &&
           was.fixed_length() == is.fixed_length() && element_of(was) == BaseType::Obj;
  }

  void inside(const reflection::Type& was, const reflection::Type& is) {
    if (was.index() < 0 || is.index() < 0) return;
    const auto from = static_cast<flatbuffers::uoffset_t>(was.index());
    const auto to = static_cast<flatbuffers::uoffset_t>(is.index());
    if (element_of(was) == BaseType::Obj)
      return tables(*older_.objects()->Get(from), *newer_.objects()->Get(to));
    enums(*older_.enums()->Get(from), *newer_.enums()->Get(to));
  }

  void enums(const reflection::Enum& was, const reflection::Enum& is) {
    const auto name = text_of(is.name());
    if (was.underlying_type()->base_type() != is.underlying_type()->base_type())
      return say(name + " is stored as another type: " + single_name(was.underlying_type()->base_type()) +
                 " before, " + single_name(is.underlying_type()->base_type()) + " now");
    for (const auto* old_value : *was.values()) {
      const auto* value = is.values()->LookupByKey(old_value->value());
      const auto place =
          name + "." + text_of(old_value->name()) + " (" + std::to_string(old_value->value()) + ")";
      if (value == nullptr) {
        say(place + " is gone: keep it, old buffers hold it");
      } else if (std::ranges::any_of(*is.values(), [&](const auto* one) {
                   return text_of(one->name()) == text_of(old_value->name()) &&
                          one->value() != old_value->value();
                 })) {
        say(place + " has another number now: keep it");
      } else if (was.is_union() && is.is_union()) {
        union_member(*old_value, *value);
      }
    }
  }

  void union_member(const reflection::EnumVal& was, const reflection::EnumVal& is) {
    const auto* from = was.union_type();
    const auto* to = is.union_type();
    if (from == nullptr || to == nullptr || from->base_type() != BaseType::Obj) return;
    if (to->base_type() != BaseType::Obj || from->index() < 0 || to->index() < 0)
      return say(text_of(is.name()) + " of a union is of another kind: keep it");
    tables(*older_.objects()->Get(static_cast<flatbuffers::uoffset_t>(from->index())),
           *newer_.objects()->Get(static_cast<flatbuffers::uoffset_t>(to->index())));
  }

  const reflection::Schema& older_;
  const reflection::Schema& newer_;
  std::set<std::pair<const void*, const void*>> seen_;
  std::vector<std::string> lines_;
};

result<const reflection::Object*> table_in(const reflection::Schema& schema, std::string_view name) {
  const auto* found = schema.objects()->LookupByKey(std::string(name).c_str());
  if (found == nullptr)
    return fail(error_code::schema_no_table, "The schema has no table " + std::string(name) + ".");
  return found;
}

}  // namespace

result<std::vector<std::string>> breaking_changes(bytes_view older, std::string_view older_table,
                                                  bytes_view newer, std::string_view newer_table) {
  const aligned_bytes older_data(older);
  const aligned_bytes newer_data(newer);
  const auto was = checked_schema(older_data.view());
  if (!was) return std::unexpected(was.error());
  const auto is = checked_schema(newer_data.view());
  if (!is) return std::unexpected(is.error());
  const auto from = table_in(**was, older_table);
  if (!from) return std::unexpected(from.error());
  const auto to = table_in(**is, newer_table);
  if (!to) return std::unexpected(to.error());
  comparison both(**was, **is);
  both.tables(**from, **to);
  return both.take();
}

}  // namespace quipu::journal
