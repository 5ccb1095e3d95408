// Records as the API writes them, one JSON object each.
//
//     {"p": 0, "o": "98330", "ts": 1790000000001, "tt": "CREATE_TIME",
//      "k": {"n": 2, "s": "42"}, "v": {"n": 15320, "s": "{\"id\":9007...", "cut": true},
//      "h": [["type", {"n": 1, "s": "x"}]], "b": {"o": "98300", "n": 31, "codec": "lz4", ...}}
//
// `s` is text, `x` base64 where the bytes are no UTF-8, `n` the whole size, null stands for null.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin-ui/json.h"
#include "broker/scan/scanned_record.h"

namespace mamba::admin {

json::object to_json(const broker::ScannedRecord& record);
// What a record says of its batch, and all that is known of one.
json::object to_json(const broker::BatchFacts& batch);
json::object batch_of(const broker::BatchFacts& batch, std::optional<std::int64_t> position_in_segment);
json::value to_json(const broker::BytesPreview& bytes);

std::string base64(std::string_view bytes);
// Nothing when it is no base64.
std::optional<std::string> from_base64(std::string_view text);

// One record as a line of CSV (RFC 4180): partition, offset, time, key, value, headers as JSON. A cell that
// a spreadsheet would take for a formula is made text with an apostrophe.
std::string to_csv(const broker::ScannedRecord& record);
inline constexpr std::string_view csv_header = "partition,offset,timestamp_ms,key,value,headers\r\n";

}  // namespace mamba::admin
