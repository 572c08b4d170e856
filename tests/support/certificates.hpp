/// Certificates for tests of TLS, made when they are needed.
#pragma once

#include <filesystem>

namespace quipu::test {

/// Files in PEM, with elliptic keys that have no password.
struct certificates {
  std::filesystem::path ca;
  std::filesystem::path server_certificate;  ///< for 127.0.0.1 and localhost
  std::filesystem::path server_key;
  std::filesystem::path client_certificate;
  std::filesystem::path client_key;
};

/// Makes a CA and what it signs in the directory, which must be there, by the openssl command (some 50 ms).
/// Another call with another directory makes strangers to it. Throws std::runtime_error with openssl's words.
certificates make_certificates(const std::filesystem::path& directory);

}  // namespace quipu::test
