/// Servers that ask who is there, journals on them, and what an error about it may say.
#pragma once

#include <gtest/gtest.h>
#include <quipu/journal/open.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/certificates.hpp"
#include "support/nats_server.hpp"
#include "support/temporary_directory.hpp"

namespace quipu::test {

/// Variables of the environment, gone with it.
class environment {
 public:
  explicit environment(std::vector<std::pair<std::string, std::string>> variables);
  ~environment();
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> variables_;
};

class jetstream_login : public testing::Test {
 protected:
  static constexpr const char* user = "quipu-user";
  static constexpr const char* password = "Sesame4711";
  static constexpr const char* token = "tok-0815-en";

  void SetUp() override { QUIPU_SKIP_WITHOUT_NATS(nats_build::installed); }

  /// Starts the test's server.
  void serve(nats_settings with);
  static nats_tls tls_of(const certificates& made, bool verify_clients = false);
  const certificates& ours();

  /// A URL of the server: "who@" in front of it, "?query" behind.
  std::string url(const std::string& who = {}, const std::string& query = {}) const;
  std::filesystem::path file(const std::string& name, const std::string& content) const;

  /// Opens the journal, creates it where there is none.
  static journal::result<std::unique_ptr<journal::journal>> open(const std::string& url,
                                                                 const journal::server_login& login = {});
  /// It opens.
  static void expect_let_in(const std::string& url, const journal::server_login& login = {});
  /// It does not, with one clear error that names the place, says what to check, and holds none of these secrets nor
  /// those of this fixture.
  void expect_turned_away(const std::string& url, const journal::server_login& login = {},
                          const std::vector<std::string>& more_secrets = {}) const;
  static void expect_no_secret(const std::string& text, const std::vector<std::string>& more_secrets = {});

  /// Appends a record behind `tail` and gives its number; asks again while the journal is not reachable.
  static record_number append(journal::journal& to, record_number tail);
  /// Until the server has logged these words that often, over all its starts.
  void await_in_log(std::string_view words, std::size_t times) const;

  temporary_directory directory_;
  std::optional<certificates> certificates_;
  std::unique_ptr<nats_server> server_;
};

}  // namespace quipu::test
