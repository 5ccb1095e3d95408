// Batches in a row, and the records in them. What can be read whole must survive being written by
// the builder and read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "protocol/record_batch_builder.h"

namespace {

using namespace mamba;
using protocol::Record;
using protocol::RecordBatchView;

// Empty unless all records are there and their offsets rise from zero on.
std::vector<Record> read_all(BytesView plain, std::int32_t count) {
    std::vector<Record> records;
    protocol::RecordReader reader(plain, count);
    std::int32_t last = -1;
    for (;;) {
        const auto record = reader.next();
        if (!record) {
            if (record.error() != protocol::RecordError::end) records.clear();
            return records;
        }
        if (record->offset_delta <= last) return {};
        last = record->offset_delta;
        records.push_back(*record);
    }
}

bool same(std::optional<BytesView> a, std::optional<BytesView> b) {
    if (a.has_value() != b.has_value()) return false;
    return !a || std::equal(a->begin(), a->end(), b->begin(), b->end());
}

void check_round_trip(const RecordBatchView& batch, const std::vector<Record>& records) {
    protocol::RecordBatchBuilder builder(protocol::BatchOptions{});
    for (const Record& record : records) {
        const std::vector<protocol::RecordHeader> headers(record.headers.begin(),
                                                          record.headers.end());
        builder.append_at(Offset{record.offset_delta}, batch.timestamp_of(record.timestamp_delta),
                          record.key, record.value, headers);
    }
    const Bytes bytes = builder.build();
    const auto again = RecordBatchView::parse(bytes);
    if (!again || !again->crc_matches() || again->size() != bytes.size()) std::abort();
    const std::vector<Record> back = read_all(again->records(), again->record_count());
    if (back.size() != records.size()) std::abort();
    for (std::size_t i = 0; i < back.size(); ++i) {
        if (!same(back[i].key, records[i].key) || !same(back[i].value, records[i].value) ||
            back[i].offset_delta != records[i].offset_delta ||
            back[i].headers.size() != records[i].headers.size() ||
            again->timestamp_of(back[i].timestamp_delta) !=
                batch.timestamp_of(records[i].timestamp_delta)) {
            std::abort();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static protocol::Compression compression;  // libFuzzer calls from one thread
    protocol::BatchCursor cursor(std::as_bytes(std::span(data, size)));
    for (auto batch = cursor.next(); batch; batch = cursor.next()) {
        if (cursor.position() > size || !batch->has_known_codec()) continue;
        (void)batch->crc_matches();
        (void)batch->last_sequence();
        const auto plain = compression.decompress(batch->codec(), batch->records(), 1U << 20);
        if (!plain) continue;
        const std::vector<Record> records = read_all(*plain, batch->record_count());
        if (!records.empty()) check_round_trip(*batch, records);
    }
    return 0;
}
