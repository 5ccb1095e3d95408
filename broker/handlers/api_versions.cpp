// ApiVersions: which APIs, at which versions, and which features the cluster has finalized.
// Source: KIP-511 (client software, unsupported versions), KIP-584 (features).
#include <algorithm>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "protocol/messages/api_versions.h"

namespace mamba::broker {
namespace {

using protocol::ApiKey;
using protocol::ApiVersionsResponse;

// Old librdkafka looks for Produce 0 before it uses any compression, so Kafka advertises from 0 on
// what it serves from 3 on.
protocol::MessageVersion advertised_min(const protocol::ApiInfo& api) {
    return api.key == ApiKey::produce ? protocol::MessageVersion{0} : api.version_min;
}

ApiVersionsResponse::ApiVersion advertise(const protocol::ApiInfo& api) {
    ApiVersionsResponse::ApiVersion entry;
    entry.api_key = static_cast<std::int16_t>(api.key);
    entry.min_version = advertised_min(api);
    entry.max_version = api.version_stable;
    return entry;
}

// What KIP-511 allows: letters, digits, '-' and '.', the last two not at an end.
bool is_software_text(std::string_view text) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
           std::ranges::all_of(text, [&](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace

bool is_served(ApiKey key) {
    switch (key) {
        case ApiKey::produce:
        case ApiKey::fetch:
#define MAMBA_SERVED(Name, name, parts) case ApiKey::name:
            MAMBA_HANDLERS(MAMBA_SERVED)
#undef MAMBA_SERVED
            return true;
        default:
            return false;
    }
}

ApiVersionsResponse unsupported_api_version() {
    ApiVersionsResponse response;
    response.error_code = to_wire(ErrorCode::unsupported_version);
    response.api_keys.push_back(advertise(*protocol::find_api(protocol::ApiVersionsRequest::api_key)));
    return response;
}

bool note_client_software(Client& client, BytesView body, protocol::MessageVersion version) {
    if (version < 3) return true;
    protocol::Reader in(body);
    protocol::ApiVersionsRequest request;
    request.decode(in, version);
    if (!in.ok() || !is_software_text(request.client_software_name) ||
        !is_software_text(request.client_software_version)) {
        return false;
    }
    client.software_name = request.client_software_name;
    client.software_version = request.client_software_version;
    return true;
}

void on_api_versions(Broker& broker, const protocol::ApiVersionsRequest& request, const RequestContext& context,
                     Reply<ApiVersionsResponse> reply) {
    ApiVersionsResponse response;
    if (context.version >= 3 && (!is_software_text(request.client_software_name) ||
                                 !is_software_text(request.client_software_version))) {
        response.error_code = to_wire(ErrorCode::invalid_request);
        return reply(std::move(response));
    }
    for (const protocol::ApiInfo& api : protocol::all_apis()) {
        if (is_served(api.key)) response.api_keys.push_back(advertise(api));
    }
    if (context.version >= 3) {
        const ClusterImagePtr image = broker.metadata->image();
        for (const auto& [name, level] : image->features()) {
            auto& supported = response.supported_features.emplace_back();
            supported.name = name;
            // Versions before 4 cannot carry a minimum of zero (KIP-584, as amended).
            supported.min_version = 1;
            supported.max_version = level;
            auto& finalized = response.finalized_features.emplace_back();
            finalized.name = name;
            finalized.max_version_level = level;
            finalized.min_version_level = level;
        }
        response.finalized_features_epoch = 0;
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
