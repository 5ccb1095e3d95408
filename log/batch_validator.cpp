#include "log/batch_validator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "protocol/crc32c.h"
#include "protocol/record.h"

namespace mamba::log {
namespace {

using protocol::BatchError;
using protocol::CompressionType;
using protocol::Record;
using protocol::RecordBatchView;
using protocol::RecordError;
using protocol::TimestampType;

using Refusal = std::optional<BatchRejection>;

BatchRejection refuse(ErrorCode code, std::string message) {
    return {.code = code, .message = std::move(message)};
}

// Sums and differences of clients' numbers wrap, as Java's do.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// One append of one partition: what every check needs.
class Validation {
public:
    Validation(const BatchRules& rules, BatchOrigin origin, const TopicPartition& partition,
               Timestamp now)
        : rules_(rules), origin_(origin), partition_(partition), now_(now) {}

    Refusal check_header(const RecordBatchView& batch) const;

    // Whether what the header says of a compressed batch leaves a rule undecided.
    bool must_look_inside(const RecordBatchView& batch) const;

    // Walks `records`, the batch's uncompressed ones.
    Refusal check_records(const RecordBatchView& batch, BytesView records);

    // The largest timestamp that check_records met.
    Timestamp max_timestamp() const { return max_timestamp_; }

    std::string where() const {
        return fmt::format("{}-{}", partition_.topic, partition_.partition.value);
    }

private:
    bool from_client() const { return origin_ != BatchOrigin::coordinator; }
    bool is_out_of_range(Timestamp timestamp) const;
    void check_record(const RecordBatchView& batch, const Record& record, std::int32_t index,
                      Timestamp timestamp);
    void add_error(std::int32_t index, ErrorCode code, std::string message);
    BatchRejection record_errors_rejection();

    const BatchRules& rules_;
    BatchOrigin origin_;
    const TopicPartition& partition_;
    Timestamp now_;
    Timestamp max_timestamp_ = no_timestamp;
    std::vector<BatchRecordError> errors_;
    bool has_timestamp_error_ = false;
};

Refusal Validation::check_header(const RecordBatchView& batch) const {
    const auto invalid = [](std::string message) {
        return refuse(ErrorCode::invalid_record, std::move(message));
    };
    if (from_client() && batch.base_offset() != Offset{0}) {
        return invalid(fmt::format(
            "The baseOffset of the record batch in the append to {} should be 0, but it is {}",
            where(), batch.base_offset().value));
    }
    if (batch.size() > static_cast<std::size_t>(std::max(rules_.message_bytes_max, 0))) {
        return refuse(ErrorCode::message_too_large,
                      fmt::format("The record batch size in the append to {} is {} bytes which "
                                  "exceeds the maximum configured value of {}",
                                  where(), batch.size(), rules_.message_bytes_max));
    }
    if (batch.size() > static_cast<std::size_t>(rules_.segment_bytes)) {
        return refuse(ErrorCode::record_list_too_large,
                      fmt::format("Message batch size is {} bytes in append to partition {}, which "
                                  "exceeds the maximum configured segment size of {}",
                                  batch.size(), where(), rules_.segment_bytes));
    }
    if (!batch.crc_matches()) {
        return refuse(ErrorCode::corrupt_message,
                      fmt::format("Record is corrupt (stored crc = {}) in topic partition {}",
                                  batch.crc(), where()));
    }
    if (!batch.has_known_codec()) {
        return invalid(fmt::format("Unknown compression type {} in topic partition {}",
                                   batch.attributes() & protocol::batch_attribute::codec_mask,
                                   where()));
    }
    if (origin_ == BatchOrigin::client_before_zstd && batch.codec() == CompressionType::zstd) {
        return refuse(
            ErrorCode::unsupported_compression_type,
            "Produce requests below version 7 are not allowed to use ZStandard compression");
    }
    const std::int64_t count = batch.record_count();
    if (count <= 0) {
        return invalid(fmt::format(
            "Invalid reported count for record batch: {} in topic partition {}", count, where()));
    }
    if (std::int64_t{batch.last_offset_delta()} + 1 != count) {
        return invalid(
            fmt::format("Inconsistent batch offset range [{}, {}] and count of records {} in topic "
                        "partition {}",
                        batch.base_offset().value, batch.last_offset().value, count, where()));
    }
    if (!from_client()) return std::nullopt;
    if (batch.is_control()) {
        return invalid(fmt::format(
            "Clients are not allowed to write control records in topic partition {}", where()));
    }
    if (batch.has_producer_id() && batch.base_sequence() < 0) {
        return invalid(fmt::format(
            "Invalid sequence number {} in record batch with producerId {} in topic partition {}",
            batch.base_sequence(), batch.producer_id().value, where()));
    }
    if (batch.is_transactional() && !batch.has_producer_id()) {
        return invalid(fmt::format(
            "Transactional records without a producer id in topic partition {}", where()));
    }
    return std::nullopt;
}

bool Validation::must_look_inside(const RecordBatchView& batch) const {
    if (rules_.compacted) return true;
    if (rules_.compression && *rules_.compression != batch.codec()) return true;
    // The client's timestamp type is refused for each record by name.
    if (batch.timestamp_type() == TimestampType::log_append_time) return true;
    if (rules_.timestamp_type == TimestampType::log_append_time) return false;
    if (rules_.timestamp_before_ms_max != std::numeric_limits<std::int64_t>::max()) return true;
    return batch.max_timestamp() != no_timestamp && is_out_of_range(batch.max_timestamp());
}

bool Validation::is_out_of_range(Timestamp timestamp) const {
    std::int64_t age = 0;
    if (__builtin_sub_overflow(now_.value, timestamp.value, &age)) return true;
    if (age >= 0) return age > rules_.timestamp_before_ms_max;
    return age < -rules_.timestamp_after_ms_max;
}

void Validation::add_error(std::int32_t index, ErrorCode code, std::string message) {
    has_timestamp_error_ |= code == ErrorCode::invalid_timestamp;
    errors_.push_back({.batch_index = index, .message = std::move(message)});
}

void Validation::check_record(const RecordBatchView& batch, const Record& record,
                              std::int32_t index, Timestamp timestamp) {
    if (rules_.compacted && !record.key) {
        add_error(
            index, ErrorCode::invalid_record,
            fmt::format("Compacted topic cannot accept message without key in topic partition {}",
                        where()));
        return;
    }
    if (rules_.timestamp_type == TimestampType::create_time && timestamp != no_timestamp) {
        if (!is_out_of_range(timestamp)) return;
        add_error(index, ErrorCode::invalid_timestamp,
                  fmt::format("Timestamp {} of message with offset {} is out of range. The "
                              "timestamp should be within [{}, {}]",
                              timestamp.value, index,
                              wrapping_add(now_.value, -rules_.timestamp_before_ms_max),
                              wrapping_add(now_.value, rules_.timestamp_after_ms_max)));
    } else if (batch.timestamp_type() == TimestampType::log_append_time) {
        add_error(
            index, ErrorCode::invalid_timestamp,
            fmt::format(
                "Invalid timestamp type in message DefaultRecord(offset={}, timestamp={}, key={} "
                "bytes, value={} bytes). Producer should not set timestamp type to LogAppendTime.",
                index, timestamp.value, record.key ? record.key->size() : 0,
                record.value ? record.value->size() : 0));
    }
}

Refusal Validation::check_records(const RecordBatchView& batch, BytesView records) {
    protocol::RecordReader reader(records, batch.record_count());
    for (std::int32_t index = 0;; ++index) {
        const auto record = reader.next();
        if (!record) {
            if (record.error() == RecordError::end) break;
            const char* what = record.error() == RecordError::bytes_left
                                   ? "bytes remain behind the last record"
                               : record.error() == RecordError::records_left
                                   ? "there are fewer records than the batch counts"
                                   : "a record is malformed";
            return refuse(
                ErrorCode::invalid_record,
                fmt::format("Incorrect record batch in topic partition {}: {}", where(), what));
        }
        if (record->offset_delta != index) {
            return refuse(
                ErrorCode::invalid_record,
                fmt::format("Record {} of the batch has offset delta {} in topic partition {}",
                            index, record->offset_delta, where()));
        }
        const Timestamp timestamp = batch.timestamp_of(record->timestamp_delta);
        max_timestamp_ = std::max(max_timestamp_, timestamp);
        check_record(batch, *record, index, timestamp);
    }
    if (errors_.empty()) return std::nullopt;
    return record_errors_rejection();
}

BatchRejection Validation::record_errors_rejection() {
    BatchRejection rejection;
    if (has_timestamp_error_) {
        rejection.code = ErrorCode::invalid_timestamp;
        rejection.message = "One or more records have been rejected due to invalid timestamp";
    } else {
        rejection.code = ErrorCode::invalid_record;
        std::string first_three;
        for (std::size_t i = 0; i < std::min<std::size_t>(3, errors_.size()); ++i) {
            first_three +=
                fmt::format("{}RecordError(batchIndex={}, message='{}')", i == 0 ? "" : ", ",
                            errors_[i].batch_index, errors_[i].message);
        }
        rejection.message = fmt::format(
            "One or more records have been rejected due to {} record errors in total, and only "
            "showing the first three errors at most: [{}]",
            errors_.size(), first_three);
    }
    rejection.record_errors = std::move(errors_);
    return rejection;
}

// The one whole batch in `records`, or why there is not exactly one.
std::expected<RecordBatchView, BatchRejection> only_batch(BytesView records,
                                                          const Validation& validation) {
    const auto no_batch = [](ErrorCode code, std::string message) {
        BatchRejection rejection = refuse(code, std::move(message));
        rejection.is_no_batch = true;
        return rejection;
    };
    const auto rejection = [&](BatchError error) {
        switch (error) {
            case BatchError::end:
            case BatchError::truncated:
                return no_batch(ErrorCode::invalid_record,
                                "Produce requests must have at least one record batch per partition");
            case BatchError::old_magic:
                return no_batch(ErrorCode::invalid_record,
                                "Produce requests are only allowed to contain record batches with "
                                "magic version 2");
            case BatchError::invalid_length:
            case BatchError::unknown_magic:
                break;
        }
        return no_batch(
            ErrorCode::corrupt_message,
            fmt::format("Record batch with an impossible length or magic in topic partition {}",
                        validation.where()));
    };
    protocol::BatchCursor cursor(records);
    const auto first = cursor.next();
    if (!first) return std::unexpected(rejection(first.error()));
    const auto second = cursor.next();
    if (second) {
        return std::unexpected(no_batch(
            ErrorCode::invalid_record,
            "Produce requests are only allowed to contain exactly one record batch per partition"));
    }
    if (second.error() != BatchError::end && second.error() != BatchError::truncated) {
        return std::unexpected(rejection(second.error()));
    }
    return *first;
}

// `batch` with `plain`, its uncompressed records, compressed by another codec. Everything in the
// header that does not follow from that stays.
Bytes rebuild(const RecordBatchView& batch, BytesView plain, CompressionType codec,
              const protocol::CompressionLevels& levels, protocol::Compression& compression) {
    namespace field = protocol::batch_field;
    Bytes out(batch.bytes().begin(), batch.bytes().begin() + protocol::batch_header_bytes);
    if (codec == CompressionType::none) {
        out.insert(out.end(), plain.begin(), plain.end());
    } else {
        const Bytes packed = compression.compress(codec, levels, plain);
        out.insert(out.end(), packed.begin(), packed.end());
    }
    assert(out.size() <= std::size_t{std::numeric_limits<std::int32_t>::max()});
    const int attributes =
        (batch.attributes() & ~protocol::batch_attribute::codec_mask) | static_cast<int>(codec);
    protocol::store_be(out.data() + field::batch_length,
                       static_cast<std::int32_t>(out.size() - protocol::batch_prefix_bytes));
    protocol::store_be(out.data() + field::attributes, static_cast<std::int16_t>(attributes));
    protocol::store_be(out.data() + field::crc,
                       protocol::crc32c(BytesView(out).subspan(field::attributes)));
    return out;
}

std::unexpected<BatchRejection> decompress_refusal(protocol::DecompressError error,
                                                   const Validation& validation) {
    if (error == protocol::DecompressError::too_large) {
        // This code makes a Java producer split the batch and try again, which then succeeds.
        return std::unexpected(refuse(
            ErrorCode::message_too_large,
            fmt::format("The record batch is too large when decompressed, in topic partition {}",
                        validation.where())));
    }
    return std::unexpected(
        refuse(ErrorCode::invalid_record,
               fmt::format("The compressed records are corrupt in topic partition {}",
                           validation.where())));
}

}  // namespace

RecordBatchView ValidatedBatch::view() const noexcept {
    const auto batch = RecordBatchView::parse(bytes);
    assert(batch);
    return *batch;
}

std::size_t decompressed_bytes_max(const BatchRules& rules) noexcept {
    constexpr std::size_t floor = 64U << 20;
    return std::max(static_cast<std::size_t>(std::max(rules.message_bytes_max, 0)) * 16, floor);
}

std::expected<ValidatedBatch, BatchRejection> validate_batch(
    std::span<std::byte> records, const BatchRules& rules, BatchOrigin origin,
    const TopicPartition& partition, Timestamp now, protocol::Compression& compression) {
    Validation validation(rules, origin, partition, now);
    const auto batch = only_batch(records, validation);
    if (!batch) return std::unexpected(batch.error());
    if (auto refusal = validation.check_header(*batch)) return std::unexpected(std::move(*refusal));

    const bool is_compressed = batch->codec() != CompressionType::none;
    const bool looks_inside = !is_compressed || validation.must_look_inside(*batch);
    Bytes decompressed;
    BytesView plain = batch->records();
    if (is_compressed && looks_inside) {
        auto result = compression.decompress(batch->codec(), plain, decompressed_bytes_max(rules));
        if (!result) return decompress_refusal(result.error(), validation);
        decompressed = std::move(*result);
        plain = decompressed;
    }
    if (looks_inside) {
        if (auto refusal = validation.check_records(*batch, plain)) {
            return std::unexpected(std::move(*refusal));
        }
    }

    ValidatedBatch result{.bytes = records.first(batch->size()), .rebuilt = {}};
    const CompressionType codec = rules.compression.value_or(batch->codec());
    if (codec != batch->codec()) {
        result.rebuilt = rebuild(*batch, plain, codec, rules.levels, compression);
        result.bytes = result.rebuilt;
        if (result.bytes.size() > static_cast<std::size_t>(rules.message_bytes_max)) {
            return std::unexpected(refuse(
                ErrorCode::message_too_large,
                fmt::format("The record batch for {} is {} bytes with the topic's compression, "
                            "which exceeds the maximum configured value of {}",
                            validation.where(), result.rebuilt.size(), rules.message_bytes_max)));
        }
    }
    Timestamp max_timestamp = looks_inside ? validation.max_timestamp() : batch->max_timestamp();
    if (rules.timestamp_type == TimestampType::log_append_time) max_timestamp = now;
    if (max_timestamp != batch->max_timestamp() ||
        rules.timestamp_type != batch->timestamp_type()) {
        protocol::patch_timestamps(result.bytes, rules.timestamp_type, max_timestamp);
    }
    return result;
}

}  // namespace mamba::log
