// What a browse or a download asks for, read from JSON.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/scan/record_scan.h"

namespace mamba::admin {

struct WantedScan {
    Uuid topic_id;
    broker::ScanRequest scan;
    std::vector<std::shared_ptr<broker::Partition>> partitions;
    std::string cursor;  // to go on from; empty: from the start
};

// Every field may be left out: the newest 200 records of all partitions then.
//
//     {"from": {"type": "newest", "n": 200}, "to": {"type": "end"}, "partitions": [0, 3] | null, "limit": 200,
//      "order": "asc" | "desc", "isolation": "read_committed", "filter": {...}, "preview_bytes": 512,
//      "budget": {"ms": 10000, "bytes": 268435456}}
//
// from.type: newest {n}, beginning, offset {offsets: {"0": "17"}, or o for all}, time {ms}, group {group}, live,
// cursor {token}. to.type: end, offset {o}, time {ms}, none.
std::expected<WantedScan, ApiError> read_scan(Console& console, const Request& visitor, const std::string& topic,
                                              const json::value& body);

// Who may run so many scans: a session, or an address without one.
std::string visitor_of(const Request& request);
ApiError too_many_scans();

}  // namespace mamba::admin
