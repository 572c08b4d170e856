#include "site.hpp"

namespace quipu::test::soak {

site::site(bool cluster) {
  if (cluster) {
    cluster_ = std::make_unique<nats_cluster>();
  } else {
    single_ = std::make_unique<nats_server>(nats_settings{.build = nats_build::trixie});
    single_->start();
  }
  for (std::size_t i = 0; i < (cluster ? nats_cluster::size : 1); ++i)
    proxies_.push_back(std::make_unique<tcp_proxy>(server(i).port()));
}

std::size_t site::leader(const std::string& stream) {
  return cluster_ ? cluster_->wait_for_leader_of(stream) : 0;
}

std::string site::url(const std::string& journal) const {
  std::string made;
  for (const auto& one : proxies_)
    made += (made.empty() ? "nats://127.0.0.1:" : ",127.0.0.1:") + std::to_string(one->port());
  return made + "/" + journal;
}

std::string site::direct_url(const std::string& journal) const {
  return cluster_ ? cluster_->url(journal) : single_->url(journal);
}

}  // namespace quipu::test::soak
