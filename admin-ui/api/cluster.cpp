// The cluster at a glance: is it well, how busy is it, who is in it, what has happened lately.
#include <algorithm>

#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

Response cluster(Console& console, const Request&, Captures) {
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    return ok({{"cluster_id", image->cluster_id()},
               {"at_ms", sample->at.value},
               {"topics", sample->topics.size()},
               {"partitions", sample->partitions},
               {"size", exact(sample->bytes)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/cluster", cluster, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> cluster_routes() { return routes; }

}  // namespace mamba::admin
