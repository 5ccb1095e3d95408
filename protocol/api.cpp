#include "protocol/api.h"

#include <array>

namespace mamba::protocol {
namespace {

constexpr auto names = std::to_array<std::pair<std::int16_t, std::string_view>>({
#define MAMBA_API_NAME(Name, name, key) {key, #Name},
    MAMBA_APIS(MAMBA_API_NAME)
#undef MAMBA_API_NAME
});

constexpr std::string_view name_of_key(std::int16_t key) {
    for (const auto& [k, name] : names) {
        if (k == key) return name;
    }
    return "Unknown";
}

constexpr auto apis = std::to_array<ApiInfo>({
#define MAMBA_API_INFO(key, oldest, newest, stable, flexible) \
    {ApiKey{key}, name_of_key(key), oldest, newest, stable, flexible},
    MAMBA_API_VERSIONS(MAMBA_API_INFO)
#undef MAMBA_API_INFO
});

}  // namespace

std::span<const ApiInfo> all_apis() { return apis; }

const ApiInfo* find_api(std::int16_t key) {
    for (const ApiInfo& api : apis) {
        if (static_cast<std::int16_t>(api.key) == key) return &api;
    }
    return nullptr;
}

std::string_view name_of(ApiKey key) { return name_of_key(static_cast<std::int16_t>(key)); }

}  // namespace mamba::protocol
