/// A domain: what one runtime (or one module) serves.
///
///     auto bank = quipu::domain{"bank", quipu::entities<account, customer>};
///     auto with = quipu::domain{"bank", quipu::entities<account>, quipu::projections<balances, statement>};
#pragma once

#include <quipu/entity.hpp>
#include <quipu/result.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quipu {

namespace port {
class projection_type;
}

/// A projection of a domain. What it is (quipu/projections/projection_type.hpp) is nothing to a runtime.
struct listed_projection {
  std::string_view name;
  const port::projection_type* type;
};

/// A name, the entity types that belong together, and projections of their events. A value: cheap to copy, the types are static.
/// Whatever has `add_to(domain&)` is a part of a domain.
class domain {
 public:
  template <class... Part>
  explicit domain(std::string name, const Part&... parts) : name_(std::move(name)) {
    (parts.add_to(*this), ...);
  }

  const std::string& name() const { return name_; }
  std::span<const port::entity_type* const> entities() const { return entities_; }
  /// Null where the domain has no such category.
  const port::entity_type* find(std::string_view category) const {
    for (const auto* type : entities_)
      if (type->category == category) return type;
    return nullptr;
  }

  std::span<const listed_projection> projections() const { return projections_; }
  /// Null where the domain has no projection of that name.
  const port::projection_type* find_projection(std::string_view name) const {
    for (const auto& one : projections_)
      if (one.name == name) return one.type;
    return nullptr;
  }

  /// `type` must live as long as the domain and its copies. Throws std::invalid_argument when two entity
  /// types share a category: that is a bug in the program.
  void add(const port::entity_type& type) {
    if (find(type.category) != nullptr)
      throw std::invalid_argument("two entity types of domain " + name_ + " have the category " +
                                  type.category);
    entities_.push_back(&type);
  }
  /// The same, for a projection and its name.
  void add(std::string_view projection, const port::projection_type& type) {
    if (find_projection(projection) != nullptr)
      throw std::invalid_argument("two projections of domain " + name_ + " have the name " +
                                  std::string(projection));
    projections_.push_back({projection, &type});
  }

 private:
  std::string name_;
  std::vector<const port::entity_type*> entities_;
  std::vector<listed_projection> projections_;
};

/// What runtime::open() and load_module() refuse, `invalid`: a domain without a name, one without entities and projections, a
/// category that is none, what stands twice. runtime::open() wants entities besides; a module of projections alone is one.
result<void> well_formed(const domain& what);

namespace model {

template <class... A>
struct entity_part {
  void add_to(domain& whole) const {
    static_assert((check_entity<A>() && ...));
    (whole.add(entity_type_of<A>()), ...);
  }
};

}  // namespace model

/// The part of a domain that lists its entities.
template <class... A>
inline constexpr model::entity_part<A...> entities{};

}  // namespace quipu
