// A produced batch against a topic's rules. The first two bytes choose the rules; the length and
// the checksum are put right, or nothing would get past them. What is accepted without being
// rebuilt must lie there as it was sent, but for the timestamp type, max_timestamp and checksum.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "log/batch_validator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mamba;
    namespace field = protocol::batch_field;
    static protocol::Compression compression;  // libFuzzer calls from one thread
    static const TopicPartition partition{.topic = "t", .partition = PartitionIndex{0}};
    if (size < 2) return 0;
    const BytesView input = std::as_bytes(std::span(data, size)).subspan(2);

    log::BatchRules rules;
    rules.message_bytes_max = 1 << 16;
    rules.compacted = (data[0] & 1) != 0;
    if ((data[0] & 2) != 0) rules.timestamp_type = protocol::TimestampType::log_append_time;
    if ((data[0] & 4) != 0) rules.timestamp_before_ms_max = 1000;
    if ((data[0] & 8) != 0) rules.compression = protocol::compression_type_of(data[1] % 5);
    const auto origin =
        (data[0] & 16) != 0 ? log::BatchOrigin::coordinator : log::BatchOrigin::client;

    Bytes bytes(input.begin(), input.end());
    if (bytes.size() >= protocol::batch_header_bytes && (data[0] & 32) == 0) {
        protocol::store_be(bytes.data() + field::batch_length,
                           static_cast<std::int32_t>(bytes.size() - protocol::batch_prefix_bytes));
    }
    if (const auto batch = protocol::RecordBatchView::parse(bytes)) {
        protocol::store_be(bytes.data() + field::crc, batch->computed_crc());
    }
    const Bytes before = bytes;
    const auto result = log::validate_batch(bytes, rules, origin, partition,
                                            Timestamp{1'700'000'000'000}, compression);
    if (!result) {
        if (result.error().code == ErrorCode::none || result.error().message.empty()) std::abort();
        return 0;
    }
    const protocol::RecordBatchView view = result->view();
    if (view.size() != result->bytes.size() || !view.crc_matches()) std::abort();
    if (view.last_offset_delta() + 1 != view.record_count()) std::abort();
    if (!result->rebuilt.empty()) return 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool may_change = (i >= field::crc && i < field::last_offset_delta) ||
                                (i >= field::max_timestamp && i < field::producer_id);
        if (!may_change && bytes[i] != before[i]) std::abort();
    }
    return 0;
}
