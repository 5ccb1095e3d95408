// The tables of the API, one for each kind of thing; each lies in the file of its name.
#pragma once

#include <span>
#include <vector>

#include "admin-ui/router.h"

namespace mamba::admin {

std::span<const Route> group_config_routes();
std::span<const Route> group_reset_routes();
std::span<const Route> group_routes();
std::span<const Route> openapi_routes();
std::span<const Route> record_routes();
std::span<const Route> segment_routes();
std::span<const Route> session_routes();
std::span<const Route> broker_routes();
std::span<const Route> client_routes();
std::span<const Route> cluster_config_routes();
std::span<const Route> cluster_routes();
std::span<const Route> producer_routes();
std::span<const Route> prometheus_routes();
std::span<const Route> quorum_routes();
std::span<const Route> request_routes();
std::span<const Route> series_routes();
std::span<const Route> storage_routes();
std::span<const Route> stream_routes();
std::span<const Route> search_routes();
std::span<const Route> system_routes();
std::span<const Route> topic_routes();
std::span<const Route> topic_config_routes();
std::span<const Route> topic_detail_routes();
std::span<const Route> topic_group_routes();

std::vector<Route> v3_cluster_routes();
std::vector<Route> v3_config_routes();
std::vector<Route> v3_group_routes();
std::vector<Route> v3_record_routes();
std::vector<Route> v3_topic_routes();

}  // namespace mamba::admin
