/// Where a soak takes place: one nats-server or a cluster of three, each behind a network that can fail.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/nats_cluster.hpp"
#include "support/nats_server.hpp"
#include "support/tcp_proxy.hpp"

namespace quipu::test::soak {

/// One thread.
class site {
 public:
  explicit site(bool cluster);

  bool is_cluster() const { return cluster_ != nullptr; }
  std::size_t size() const { return proxies_.size(); }
  nats_server& server(std::size_t i) { return cluster_ ? cluster_->member(i) : *single_; }
  /// Who leads the stream; 0 on a single server.
  std::size_t leader(const std::string& stream);

  std::string url(const std::string& journal) const;         ///< through the networks
  std::string direct_url(const std::string& journal) const;  ///< past them

  template <class Action>
  void each_network(Action act) {
    for (auto& one : proxies_) act(*one);
  }

 private:
  std::unique_ptr<nats_server> single_;
  std::unique_ptr<nats_cluster> cluster_;
  std::vector<std::unique_ptr<tcp_proxy>> proxies_;
};

}  // namespace quipu::test::soak
