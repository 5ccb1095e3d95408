// InitProducerId for idempotent producers. A transactional id is refused with UNSUPPORTED_VERSION:
// this broker keeps no transactions, and clients give up at it instead of trying again.
#include "protocol/messages/init_producer_id.h"

#include <utility>

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {
namespace {

using Response = protocol::InitProducerIdResponse;

Response refused(ErrorCode code) {
    Response response;
    response.error_code = to_wire(code);
    response.producer_id = no_producer_id.value;
    response.producer_epoch = no_producer_epoch.value;
    return response;
}

}  // namespace

void on_init_producer_id(MetadataServices services, const protocol::InitProducerIdRequest& request,
                         const RequestContext&, Reply<Response> reply) {
    // A producer names both its id and its epoch, or neither (KIP-360).
    const bool names_id = request.producer_id != no_producer_id.value;
    const bool names_epoch = request.producer_epoch != no_producer_epoch.value;
    if (names_id != names_epoch ||
        (request.transactional_id && request.transactional_id->empty())) {
        return reply(refused(ErrorCode::invalid_request));
    }
    if (request.transactional_id) return reply(refused(ErrorCode::unsupported_version));

    services.producer_ids.next(
        [reply = std::move(reply)](std::expected<ProducerId, Refusal> id) mutable {
            if (!id) return reply(refused(id.error().code));
            Response response;
            response.producer_id = id->value;
            response.producer_epoch = 0;
            reply(std::move(response));
        });
}

}  // namespace mamba::broker
