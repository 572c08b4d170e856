#include "projections/description.hpp"

#include "projections/stored_fields.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

#include "read_model_generated.h"

namespace quipu::projecting {
namespace {

class described_projection final : public port::projection_type {
 public:
  described_projection(std::string whose, const store_row& binding, bytes_view row) {
    const auto& model = verified<stored::Model>(row, row_, "the description of the read model does not hold");
    name = std::move(whose);
    version = binding.projection_version;
    fingerprint = binding.fingerprint;
    sends_commands = model.sends_commands();
    if (model.tables() == nullptr) return;
    for (const auto* one : *model.tables()) {
      bytes_view schema;
      if (one->schema() != nullptr) schema = {one->schema()->data(), one->schema()->size()};
      tables.push_back({.name = one->name()->str(),
                        .row = {.name = one->row()->str(), .schema = {}, .binary = schema},
                        .further = one->further(),
                        .key = one->key()->str()});
    }
  }
  void apply(std::uint32_t, bytes_view, const envelope&, port::rows&) const override {
    throw std::logic_error("the description of a projection applies no events");
  }

 private:
  std::vector<std::uint64_t> row_;  // the tables' schemas lie in it
};

}  // namespace

std::string description_of(const port::projection_type& what) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<stored::ModelTable>> tables;
  for (const auto& table : what.tables) {
    const auto name = builder.CreateString(table.name);
    const auto key = builder.CreateString(table.key);
    const auto row = builder.CreateString(table.row.table());
    const auto& binary = table.row.binary;
    builder.ForceVectorAlignment(binary.size(), sizeof(std::uint8_t), 8);  // it is a buffer of its own
    const auto schema = builder.CreateVector(binary.data(), binary.size());
    tables.push_back(stored::CreateModelTable(builder, name, key, table.further, row, schema));
  }
  builder.Finish(stored::CreateModel(builder, builder.CreateVector(tables), what.sends_commands));
  return finished(builder);
}

result<std::unique_ptr<const port::projection_type>> described_by(const opened_store& store,
                                                                  std::string name) {
  committed_rows rows(store);
  return guarded([&]() -> std::unique_ptr<const port::projection_type> {
    const auto row = rows.get(meta_table, description_key);
    if (!row) return nullptr;
    return std::make_unique<described_projection>(std::move(name), store.binding, *row);
  });
}

}  // namespace quipu::projecting
