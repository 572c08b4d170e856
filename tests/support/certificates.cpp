#include "certificates.hpp"

#include "process.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace quipu::test {
namespace {

using words = std::vector<std::string>;

/// A key and a certificate of two days: long enough for any run, and no use to anybody who finds it.
void make(const std::filesystem::path& key, const std::filesystem::path& certificate, const std::string& name,
          const words& more) {
  words command{"/usr/bin/openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                key,
                "-out",
                certificate,
                "-days",
                "2",
                "-subj",
                "/O=Quipu tests/CN=" + name};
  command.insert(command.end(), more.begin(), more.end());
  auto made = run(command);
  if (made.code != 0) throw std::runtime_error("openssl: " + made.err);
}

}  // namespace

certificates make_certificates(const std::filesystem::path& directory) {
  certificates made{.ca = directory / "ca.pem",
                    .server_certificate = directory / "server.pem",
                    .server_key = directory / "server.key",
                    .client_certificate = directory / "client.pem",
                    .client_key = directory / "client.key"};
  const auto ca_key = directory / "ca.key";
  make(ca_key, made.ca, "ca", {"-addext", "keyUsage=critical,keyCertSign,cRLSign"});

  const words signed_by_ca{"-CA", made.ca, "-CAkey", ca_key, "-addext", "basicConstraints=critical,CA:FALSE"};
  auto server = signed_by_ca;
  for (const auto* word :
       {"-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "extendedKeyUsage=serverAuth"})
    server.emplace_back(word);
  make(made.server_key, made.server_certificate, "server", server);

  auto client = signed_by_ca;
  for (const auto* word : {"-addext", "extendedKeyUsage=clientAuth"}) client.emplace_back(word);
  make(made.client_key, made.client_certificate, "client", client);
  return made;
}

}  // namespace quipu::test
