/// Who one is to a server, and how one knows the server. Nothing of it is ever printed.
#pragma once

#include <filesystem>
#include <string>

namespace quipu::journal {

/// For `nats://` journals; the others need none. What is empty here is taken from the environment: QUIPU_NATS_USER,
/// QUIPU_NATS_PASSWORD, QUIPU_NATS_TOKEN, QUIPU_NATS_NKEY, QUIPU_NATS_NKEY_SEED, QUIPU_NATS_CREDS, QUIPU_NATS_CA,
/// QUIPU_NATS_CERT, QUIPU_NATS_KEY. One way of proving who one is at a time: user and password, token, nkey or credentials.
struct server_login {
  std::string user;
  std::string password;
  std::string token;
  std::string nkey;                   ///< the public key (U…) of the seed
  std::filesystem::path nkey_seed;    ///< a file that holds the NKEY seed (SU…)
  std::filesystem::path credentials;  ///< a .creds file: JWT and seed
  /// TLS is used when one of these is given, when the URL says tls=yes, or when the server demands it.
  std::filesystem::path ca;           ///< certificates that may sign the server's (PEM); empty: the system's
  std::filesystem::path certificate;  ///< the client's own (PEM), where the server asks for one
  std::filesystem::path key;          ///< its private key (PEM)
};

}  // namespace quipu::journal
