#include "broker/group_log.h"

#include <utility>

#include "broker/logging.h"
#include "log/storage.h"
#include "protocol/record.h"
#include "protocol/record_batch.h"
#include "protocol/record_batch_builder.h"

namespace mamba::broker {
namespace {

const Logger group_log = logger("mamba.group");

// Decompressed size of one batch of our own topic: far above what any group writes at once.
constexpr std::size_t batch_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t read_bytes = 4 * 1024 * 1024;

class OnCommit final : public CommitListener {
public:
    explicit OnCommit(std::move_only_function<void(ErrorCode)> call) : call_(std::move(call)) {}
    void on_commit(std::uint32_t, ErrorCode code) override { call_(code); }

private:
    std::move_only_function<void(ErrorCode)> call_;
};

}  // namespace

ErrorCode GroupLog::append(std::vector<CoordinatorRecord> records, Timestamp now,
                           std::move_only_function<void(ErrorCode)> on_commit) {
    protocol::RecordBatchBuilder builder{protocol::BatchOptions{}};
    for (const CoordinatorRecord& record : records) {
        builder.append(now, BytesView(record.key),
                       record.value ? std::optional<BytesView>(*record.value) : std::nullopt);
    }
    Bytes batch = builder.build();
    const auto settings = partition_->settings();
    if (batch.size() > static_cast<std::size_t>(settings->rules.message_bytes_max))
        return ErrorCode::record_list_too_large;
    log::AppendRequest request{.batch = batch, .outcome = {}};
    CommitWait wait{std::make_shared<OnCommit>(std::move(on_commit)), 0};
    // The outcome counts: whatever else went wrong, with none in it the listener is registered.
    (void)partition_->append(std::span(&request, 1), now, std::span(&wait, 1));
    return request.outcome.error;
}

ErrorCode GroupLog::read_all(
    const std::function<void(BytesView key, std::optional<BytesView> value)>& on_record) {
    protocol::Compression compression;
    Offset at = partition_->log_start_offset();
    const Offset end = partition_->high_watermark();
    Bytes buffer;
    while (at < end) {
        const Partition::Read read = partition_->read(at, no_leader_epoch, read_bytes, true);
        if (read.error != ErrorCode::none) return read.error;
        if (read.slice.length == 0) break;
        buffer.resize(read.slice.length);
        const auto size = read.slice.file->read(read.slice.position, buffer);
        if (!size) return size.error().code;
        buffer.resize(*size);

        protocol::BatchCursor cursor(buffer);
        const Offset before = at;
        for (auto batch = cursor.next(); batch; batch = cursor.next()) {
            at = batch->next_offset();
            if (batch->is_control()) continue;
            Bytes plain;
            BytesView records = batch->records();
            if (batch->codec() != protocol::CompressionType::none) {
                auto decompressed = compression.decompress(batch->codec(), records, batch_bytes_max);
                if (!decompressed) return ErrorCode::corrupt_message;
                plain = std::move(*decompressed);
                records = plain;
            }
            protocol::RecordReader reader(records, batch->record_count());
            for (auto record = reader.next(); record; record = reader.next()) {
                if (record->key) on_record(*record->key, record->value);
            }
        }
        if (at == before) {
            group_log.error("{}-{}: unreadable at offset {}", partition_->name().topic,
                            partition_->name().partition.value, at.value);
            return ErrorCode::corrupt_message;
        }
    }
    return ErrorCode::none;
}

}  // namespace mamba::broker
