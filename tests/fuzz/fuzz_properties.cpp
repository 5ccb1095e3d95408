// Any bytes as server.properties and as an override: a result, and settings that are in force have
// all passed their checks, so that making the typed settings of them cannot go wrong.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "broker/config/config.h"
#include "broker/config/server_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mamba::broker;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    SettingSources sources;
    sources.file = text;
    sources.overrides.emplace_back(text.substr(0, text.find('\n')));
    const StaticSettings settings = read_settings(sources);
    static_cast<void>(BrokerConfig::from(settings.values, Machine{.cores = 2, .memory_bytes = 1 << 30}));
    return 0;
}
