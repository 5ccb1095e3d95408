// Reads a topic from its beginning to its end, one thread and connection for each share of the
// partitions. Of the records only the batches' headers are looked at; the rest is dropped in the
// kernel, so that the load costs far less than the broker.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>

#include "tools/client/cluster.h"
#include "tools/load/report.h"

namespace mamba::load {

struct FetchPlan {
    std::string topic = "bench";
    int connections = 1;
    std::int32_t max_bytes = 50 << 20;           // of an answer
    std::int32_t partition_max_bytes = 1 << 20;  // of a partition in it
    int rounds = 1;                              // how often everything is read
    int warm_up_rounds = 0;                      // before that, not measured
};

std::expected<Report, client::Error> run_fetch(client::Cluster& cluster, const FetchPlan& plan,
                                               pid_t broker);

}  // namespace mamba::load
