#include "broker/scan/scanned_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker/scan/utf8.h"

namespace mamba::broker {

BatchFacts facts_of(const protocol::RecordBatchView& batch) {
    BatchFacts facts;
    facts.base_offset = batch.base_offset();
    facts.last_offset = batch.last_offset();
    facts.record_count = batch.record_count();
    facts.bytes = batch.size();
    facts.attributes = batch.attributes();
    facts.has_known_codec = batch.has_known_codec();
    if (facts.has_known_codec) facts.codec = batch.codec();
    facts.timestamp_type = batch.timestamp_type();
    facts.base_timestamp = batch.base_timestamp();
    facts.max_timestamp = batch.max_timestamp();
    facts.has_delete_horizon = batch.has_delete_horizon();
    facts.is_transactional = batch.is_transactional();
    facts.is_control = batch.is_control();
    facts.leader_epoch = batch.partition_leader_epoch();
    facts.producer_id = batch.producer_id();
    facts.producer_epoch = batch.producer_epoch();
    facts.base_sequence = batch.base_sequence();
    facts.stored_crc = batch.crc();
    facts.computed_crc = batch.computed_crc();
    return facts;
}

BytesPreview preview_of(std::optional<BytesView> bytes, std::size_t bytes_max) {
    if (!bytes) return {.is_null = true};
    const std::string_view text = as_text(*bytes);
    BytesPreview preview{.size = text.size()};
    const std::string_view whole_characters = text.substr(0, utf8_prefix(text, bytes_max));
    preview.is_utf8 = is_utf8(whole_characters);
    preview.bytes = preview.is_utf8 ? whole_characters : text.substr(0, bytes_max);
    preview.is_cut = preview.bytes.size() < text.size();
    return preview;
}

std::size_t ScannedRecord::preview_bytes() const {
    std::size_t bytes = key.bytes.size() + value.bytes.size();
    for (const HeaderPreview& header : headers) bytes += header.name.bytes.size() + header.value.bytes.size();
    return bytes;
}

ScannedRecord scanned_record(const RecordView& view, std::size_t size, PreviewSize preview,
                             std::shared_ptr<const BatchFacts> batch) {
    ScannedRecord record;
    record.partition = view.partition;
    record.offset = view.offset;
    record.timestamp = view.timestamp;
    record.key = preview_of(view.key, preview.bytes);
    record.value = preview_of(view.value, preview.bytes);
    record.header_count = static_cast<std::size_t>(view.headers.size());
    record.headers.reserve(std::min(record.header_count, preview.headers));
    for (const protocol::RecordHeader& header : view.headers) {
        if (record.headers.size() >= preview.headers) break;
        record.headers.push_back(
            {preview_of(as_bytes(header.key), preview.bytes), preview_of(header.value, preview.bytes)});
    }
    record.size = size;
    record.batch = std::move(batch);
    return record;
}

RecordView view_of(PartitionIndex partition, const protocol::RecordBatchView& batch, const protocol::Record& record) {
    // In a compressed batch the delta is the producer's word: it wraps rather than overflows.
    const auto offset = static_cast<std::uint64_t>(batch.base_offset().value) +
                        static_cast<std::uint64_t>(std::int64_t{record.offset_delta});
    return {.partition = partition,
            .offset = Offset(static_cast<std::int64_t>(offset)),
            .timestamp = batch.timestamp_of(record.timestamp_delta),
            .key = record.key,
            .value = record.value,
            .headers = record.headers,
            .codec = batch.codec(),
            .producer_id = batch.producer_id(),
            .transactional = batch.is_transactional()};
}

std::expected<BytesView, std::string> records_of(const protocol::RecordBatchView& batch,
                                                 protocol::Compression& compression, std::size_t plain_bytes_max,
                                                 Bytes& storage) {
    if (!batch.has_known_codec()) {
        const int codec = batch.attributes() & protocol::batch_attribute::codec_mask;
        return std::unexpected(fmt::format("its codec {} is unknown", codec));
    }
    if (batch.codec() == protocol::CompressionType::none) return batch.records();
    auto plain = compression.decompress(batch.codec(), batch.records(), plain_bytes_max);
    if (!plain) {
        return std::unexpected(plain.error() == protocol::DecompressError::too_large
                                   ? fmt::format("more than {} bytes would come out of it", plain_bytes_max)
                                   : fmt::format("its bytes are not what {} writes", name_of(batch.codec())));
    }
    storage = std::move(*plain);
    return storage;
}

}  // namespace mamba::broker
