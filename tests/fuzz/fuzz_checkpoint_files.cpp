// The first byte chooses a parser of the small text files, the rest is the text. What is accepted
// must be formatted to a text that gives the same value.
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "log/checkpoint_files.h"
#include "log/java_properties.h"
#include "log/leader_epochs.h"

namespace {

using namespace mamba;
using namespace mamba::log;

template <class Parse, class Format>
void round_trip(std::string_view text, Parse parse, Format format) {
    const auto value = parse(text);
    if (!value) {
        assert(value.error().kind == ErrorKind::corrupt);
        return;
    }
    const auto again = parse(format(*value));
    assert(again && *again == *value);
}

std::string format_properties(const JavaProperties& properties) {
    std::string text;
    for (const auto& [key, value] : properties) text += format_java_property(key, value);
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'o':
            round_trip(text, parse_offset_checkpoint,
                       [](const auto& entries) { return format_offset_checkpoint(entries); });
            break;
        case 'e':
            round_trip(text, LeaderEpochs::parse,
                       [](const LeaderEpochs& epochs) { return epochs.format(); });
            break;
        case 'm':
            round_trip(text, parse_meta_properties, format_meta_properties);
            break;
        case 'p':
            round_trip(text, parse_partition_metadata, format_partition_metadata);
            break;
        case 's':
            round_trip(text, parse_clean_shutdown, format_clean_shutdown);
            break;
        default:
            round_trip(text, parse_java_properties, format_properties);
    }
    return 0;
}
