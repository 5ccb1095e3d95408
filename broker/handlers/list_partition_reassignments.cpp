#include "protocol/messages/list_partition_reassignments.h"

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {

// A single broker never moves a partition, and one that is not moving is not listed.
void on_list_partition_reassignments(MetadataServices,
                                     const protocol::ListPartitionReassignmentsRequest&,
                                     const RequestContext&,
                                     Reply<protocol::ListPartitionReassignmentsResponse> reply) {
    protocol::ListPartitionReassignmentsResponse response;
    response.error_message.reset();
    reply(std::move(response));
}

}  // namespace mamba::broker
