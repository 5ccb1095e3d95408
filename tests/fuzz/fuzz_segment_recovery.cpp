// A log's folder, damaged as the input says, and opened. Each six bytes of the input are one
// damage: what to do, to which file, where, how much, with which byte. The first byte chooses what
// the log dir's checkpoints say.
//
// From the recovery point on, below which a start believes what it finds, whatever is left must be
// batches that were written, in rising order; a second start finds the same and cuts nothing; the
// log takes another batch and still has it after a third start.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <source_location>
#include <span>
#include <string>

#include "../log/fake_storage.h"
#include "log/partition_log.h"
#include "log/segment_files.h"
#include "protocol/record_batch_builder.h"

namespace {

using namespace mamba;
using namespace mamba::log;

const std::string directory = "/data/topic-0";

void require(bool condition, std::source_location where = std::source_location::current()) {
    if (condition) return;
    std::fprintf(stderr, "line %u does not hold\n", where.line());
    std::abort();
}

LogConfig small_segments() {
    LogConfig config;
    config.segment_bytes = 1000;
    config.index_interval_bytes = 150;
    return config;
}

Bytes batch_of(int i) {
    protocol::BatchOptions options;
    if (i % 2 == 0) {
        options.producer_id = ProducerId(7);
        options.producer_epoch = ProducerEpoch(0);
        options.base_sequence = i / 2;
    }
    protocol::RecordBatchBuilder builder(options);
    const std::string value =
        std::to_string(i) + std::string(static_cast<std::size_t>(i * 7 % 90), 'v');
    builder.append(Timestamp(1000 + i), std::nullopt, as_bytes(value));
    return builder.build();
}

std::expected<std::unique_ptr<PartitionLog>, Error> open(Storage& storage,
                                                         PartitionLog::OpenOptions options) {
    options.now = Timestamp(1000);
    return PartitionLog::open(storage, directory, {"topic", PartitionIndex(0)}, small_segments(),
                              options);
}

bool append(PartitionLog& log, Bytes batch) {
    AppendRequest request{batch, {}};
    return log.append(std::span(&request, 1), LeaderEpoch(0), Timestamp(1000)) &&
           request.outcome.error == ErrorCode::none;
}

// What the checksum covers of each batch.
std::string payload_of(const protocol::RecordBatchView& batch) {
    return std::string(as_text(batch.bytes().subspan(protocol::batch_field::attributes)));
}

struct Image {
    std::vector<std::pair<std::string, Bytes>> files;
    std::set<std::string> payloads;
};

Image make_image() {
    FakeStorage storage;
    Image image;
    auto log = open(storage, {});
    for (int i = 0; i < 24; ++i) {
        const Bytes batch = batch_of(i);
        image.payloads.insert(payload_of(*protocol::RecordBatchView::parse(batch)));
        require(append(**log, batch));
    }
    require((*log)->close().has_value());
    for (const std::string& path : storage.files())
        image.files.emplace_back(path, *storage.content(path));
    return image;
}

void damage(FakeStorage& storage, const Image& image, std::span<const std::uint8_t> how) {
    const std::string& path = image.files[how[1] % image.files.size()].first;
    Bytes* bytes = storage.content(path);
    if (bytes == nullptr) return;
    const std::size_t at = bytes->empty() ? 0 : (how[2] * 256U + how[3]) % bytes->size();
    const std::size_t count = std::min<std::size_t>(how[4], bytes->size() - at);
    switch (how[0] % 7) {
        case 0:
            if (!bytes->empty()) (*bytes)[at] ^= std::byte{how[5]};
            break;
        case 1:
            bytes->resize(at);
            break;
        case 2:
            require(storage.remove(path).has_value());
            break;
        case 3:
            bytes->insert(bytes->end(), how[4], std::byte{how[5]});
            break;
        case 4:
            std::fill_n(bytes->begin() + static_cast<std::ptrdiff_t>(at), count, std::byte{how[5]});
            break;
        case 5: {  // a piece from elsewhere in the same file
            const Bytes copy(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(count));
            std::copy(copy.begin(), copy.end(), bytes->begin() + static_cast<std::ptrdiff_t>(at));
            break;
        }
        default: {
            const std::string_view added[] = {suffix::swap, suffix::cleaned, suffix::deleted};
            storage.put(path + std::string(added[how[5] % 3]), *bytes);
        }
    }
}

// Reads all from the recovery point on; returns the offsets.
std::vector<Offset> check(PartitionLog& log, Offset recovery_point,
                          const std::set<std::string>* payloads) {
    std::vector<Offset> offsets;
    Offset from = std::max(log.log_start_offset(), recovery_point);
    while (from < log.end_offset()) {
        const auto read = log.reader().read(from, log.end_position(), 1U << 16, true);
        require(read.has_value());
        if (read->slice.length == 0) break;
        Bytes bytes(read->slice.length);
        require(read->slice.file->read(read->slice.position, bytes) == bytes.size());
        protocol::BatchCursor cursor(bytes);
        auto batch = cursor.next();
        require(batch.has_value());
        for (; batch; batch = cursor.next()) {
            require(batch->crc_matches());
            require(payloads == nullptr || payloads->contains(payload_of(*batch)));
            require(offsets.empty() || batch->base_offset() > offsets.back());
            offsets.push_back(batch->base_offset());
            from = batch->next_offset();
        }
        require(batch.error() == protocol::BatchError::end);
    }
    (void)log.reader().offset_for_timestamp(Timestamp(1010));
    (void)log.reader().max_timestamp_offset();
    return offsets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Image image = make_image();
    if (size < 1) return 0;
    FakeStorage storage;
    for (const auto& [path, bytes] : image.files) storage.put(path, bytes);
    for (std::size_t at = 1; at + 6 <= size && at < 60; at += 6) {
        damage(storage, image, std::span(data + at, 6));
    }
    PartitionLog::OpenOptions options;
    if ((data[0] & 1) != 0) options.recovery_point = Offset(data[0] % 24);
    if ((data[0] & 2) != 0) options.log_start_offset = Offset(data[0] % 30);

    const Offset verified = options.recovery_point.value_or(Offset{0});

    auto first = open(storage, options);
    if (!first) {
        // Damage to what was flushed is for a repair; nothing else keeps a log from opening.
        require(first.error().kind == ErrorKind::corrupt && options.recovery_point.has_value());
        return 0;
    }
    const auto offsets = check(**first, verified, &image.payloads);
    const Offset end = (*first)->end_offset();
    first->reset();
    auto second = open(storage, options);
    require(second && (*second)->end_offset() == end &&
            (*second)->recovery_report().bytes_cut == 0);
    require(check(**second, verified, &image.payloads) == offsets);
    require(append(**second, batch_of(99)));
    second->reset();
    auto third = open(storage, options);
    require(third && (*third)->end_offset() == end + 1);
    check(**third, verified, nullptr);
    return 0;
}
