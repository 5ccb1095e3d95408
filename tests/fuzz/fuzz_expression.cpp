// Any bytes as an expression, and any bytes as the key, the value and a header of the record that it is asked
// about. The first line is the expression, the rest is the value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "broker/scan/expression.h"
#include "broker/scan/json_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mamba;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(input.find('\n'), input.size());
    const std::string_view rest = input.substr(std::min(line + 1, input.size()));
    const auto expression = broker::Expression::parse(input.substr(0, line));
    if (!expression) {
        if (expression.error().position > line || expression.error().message.empty()) std::abort();
        return 0;
    }
    const protocol::RecordHeader header{.key = "h", .value = as_bytes(rest)};
    Bytes bytes;
    protocol::append_record(bytes, 0, 0, as_bytes(rest), as_bytes(rest), std::span(&header, 1));
    protocol::RecordReader reader(bytes, 1);
    const auto record = reader.next();
    if (!record) std::abort();
    const broker::RecordView view{.key = record->key, .value = record->value, .headers = record->headers};
    const bool matches = expression->matches(view);
    // What a search for the needle rules out must not match.
    if (matches && !as_text(bytes).contains(expression->needle())) std::abort();
    if (const auto json = broker::read_json(rest)) {
        // A number equals itself and is not below itself, whatever it looks like.
        const bool is_number = json->kind == broker::JsonKind::number;
        if (is_number && broker::compare_decimals(json->text, json->text) != 0) std::abort();
        std::size_t bytes_seen = 0;
        for (broker::JsonChildren children(*json); const auto child = children.next();) {
            bytes_seen += child->name.text.size() + child->value.text.size();
            if (!broker::read_json(child->value.text)) std::abort();
        }
        if (bytes_seen > json->text.size()) std::abort();
    }
    return 0;
}
