// The same work done by librdkafka, the client that most programs use: what its own cost makes of
// it.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>

#include "tools/client/error.h"
#include "tools/load/fetch_load.h"
#include "tools/load/produce_plan.h"
#include "tools/load/report.h"

namespace mamba::load {

// Sends as many records as the requests of `plan` would hold; librdkafka makes the batches.
std::expected<Report, client::Error> run_rdkafka_produce(const std::string& bootstrap,
                                                         const ProducePlan& plan, pid_t broker);

// Reads `records` records of `topic` by assignment, from the beginning.
std::expected<Report, client::Error> run_rdkafka_fetch(const std::string& bootstrap,
                                                       const std::string& topic, int partitions,
                                                       std::uint64_t records, pid_t broker);

}  // namespace mamba::load
