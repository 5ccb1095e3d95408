// Sends prepared produce requests over many connections from one thread, and counts the answers.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>

#include "tools/client/cluster.h"
#include "tools/load/produce_plan.h"
#include "tools/load/report.h"

namespace mamba::load {

// The topic of `plan` exists. Ends with an error at the first answer that carries one.
std::expected<Report, client::Error> run_produce(client::Cluster& cluster, const ProducePlan& plan,
                                                 pid_t broker);

}  // namespace mamba::load
