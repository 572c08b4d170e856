/// A real server, and streams on it that were made by others: raw requests, without Quipu.
#pragma once

#include <gtest/gtest.h>
#include <quipu/journal/open.hpp>
#include <quipu/journal/record.hpp>

#include <memory>
#include <optional>
#include <string>

#include "jetstream/stream.hpp"
#include "support/nats_server.hpp"
#include "support/nats_wire.hpp"

namespace quipu::test {

using json = nlohmann::json;

class streams_of : public testing::TestWithParam<nats_build> {
 protected:
  void SetUp() override {
    QUIPU_SKIP_WITHOUT_NATS(GetParam());
    server_ = std::make_unique<nats_server>(nats_settings{.build = GetParam()});
    server_->start();
  }

  std::string url(const std::string& name = "bank") const { return server_->url(name); }

  /// The settings of a sound journal of that name, with changes.
  static json sound(const std::string& name, const json& changes = json::object()) {
    journal::jetstream::settings where;
    where.name = name;
    auto config = journal::jetstream::stream_config(where, {});
    config.update(changes);
    return config;
  }

  /// An answer of the API.
  json ask(const std::string& subject, const json& body) const {
    const auto got =
        nats_request(server_->port(), "$JS.API." + subject, body.is_null() ? std::string() : body.dump());
    return got ? json::parse(*got, nullptr, false) : json();
  }
  /// The error that the server would not make it for.
  std::optional<std::string> make(const json& config) const {
    const auto got = ask("STREAM.CREATE." + config["name"].get<std::string>(), config);
    if (got.is_object() && !got.contains("error")) return std::nullopt;
    return got.is_object() ? got["error"].dump() : "no answer";
  }
  /// As the creation of a journal does it, whatever the stream's settings are.
  void write_header(const std::string& name) const {
    const auto header = journal::encode_header({.lineage = id128::random(),
                                                .incarnation = id128::random(),
                                                .partitions = 4,
                                                .max_record_bytes = 64 * 1024,
                                                .creator = "a test"});
    // A stream that acknowledges nothing does not answer.
    nats_request(server_->port(), name + ".header", as_text(*header), std::chrono::milliseconds(500));
  }

  std::unique_ptr<nats_server> server_;
};

inline std::string name_of(const testing::TestParamInfo<nats_build>& info) {
  return std::string(to_string(info.param));
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace quipu::test
