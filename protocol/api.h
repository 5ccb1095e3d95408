// The APIs of Kafka 4.3's broker listener: keys, names and versions, from protocol/schema.
//
// Which of them this broker serves is the broker's affair (broker/api_handlers.h); this is what can
// be decoded. Source: Kafka protocol guide, "Api Keys"; header versions from KIP-482 and KIP-511.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/api_table.h"
#include "protocol/wire.h"

namespace mamba::protocol {

enum class ApiKey : std::int16_t {
#define MAMBA_API_ENUMERATOR(Name, name, key) name = key,
    MAMBA_APIS(MAMBA_API_ENUMERATOR)
#undef MAMBA_API_ENUMERATOR
};

struct ApiInfo {
    ApiKey key{};
    std::string_view name;          // Kafka's, such as "FindCoordinator"
    MessageVersion version_min = 0;     // oldest that can be decoded
    MessageVersion version_max = 0;     // newest that can be decoded
    MessageVersion version_stable = 0;  // newest that Kafka 4.3 advertises
    MessageVersion flexible_since = 0;  // first with compact lengths and tagged fields
};

std::span<const ApiInfo> all_apis();                // in order of their keys
const ApiInfo* find_api(std::int16_t key);          // null when the schema has no such API
std::string_view name_of(ApiKey key);

// The version of the header before a request or an answer. MessageVersions answers always carry header
// 0, so that a client that asked with too new a version can read the refusal (KIP-511).
constexpr MessageVersion request_header_version(const ApiInfo& api, MessageVersion version) {
    return version >= api.flexible_since ? 2 : 1;
}
constexpr MessageVersion response_header_version(const ApiInfo& api, MessageVersion version) {
    return version >= api.flexible_since && api.key != ApiKey::api_versions ? 1 : 0;
}

}  // namespace mamba::protocol
