// The broker's parts, as the handlers reach them. Made at start, in this order, by broker/start.cpp;
// each is safe to use from any thread.
#pragma once

#include <memory>
#include <vector>

#include "broker/config/config_service.h"
#include "broker/fetch.h"
#include "broker/group/group_service.h"
#include "broker/group_log.h"
#include "broker/metadata/metadata_service.h"
#include "broker/metadata/producer_ids.h"
#include "broker/observations.h"
#include "broker/partitions.h"
#include "broker/worker_pool.h"
#include "log/storage.h"

namespace mamba::broker {

struct Broker {
    std::unique_ptr<Observations> observations;
    std::unique_ptr<log::Storage> storage;
    std::unique_ptr<WorkerPool> workers;
    std::unique_ptr<ConfigService> configs;
    std::unique_ptr<Partitions> partitions;
    std::unique_ptr<MetadataService> metadata;
    std::unique_ptr<ProducerIds> producer_ids;
    std::vector<std::unique_ptr<GroupLog>> group_logs;  // by partition of __consumer_offsets
    std::unique_ptr<GroupService> groups;
    std::unique_ptr<FetchSessions> fetch_sessions;
};

}  // namespace mamba::broker
