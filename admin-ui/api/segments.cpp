// What lies on disk: a partition's segments, their batches, the records in one, and whether all is right.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

#include "admin-ui/api/record_json.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/scan_request.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/scan/segment_inspector.h"

namespace mamba::admin {
namespace {

constexpr std::size_t batches_per_page = 100;
constexpr std::size_t batches_per_page_max = 1000;
constexpr std::size_t records_per_page_max = 1000;
constexpr std::size_t preview_bytes = 256;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// A whole number of the query within bounds; nothing when it is something else.
std::optional<std::int64_t> parameter_of(const Request& request, std::string_view name, std::int64_t max,
                                         std::int64_t otherwise) {
    const std::optional<std::string> text = request.parameter(name);
    if (!text) return otherwise;
    const auto number = number_of<std::int64_t>(*text);
    if (!number || *number < 0 || *number > max) return std::nullopt;
    return number;
}

std::shared_ptr<broker::Partition> find_partition(Console& console, Captures captures) {
    const auto index = number_of<std::int32_t>(captures[1]);
    return index ? console.broker().partitions->find(captures[0], PartitionIndex(*index)) : nullptr;
}

Response no_such_partition(const Request& request) {
    return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
}
Response failed(const Request& request, const broker::ScanFailure& failure) {
    ApiError error = kafka_error(failure.code, failure.message);
    if (failure.code == ErrorCode::invalid_record) error.status = 404;
    return refuse(request, error);
}

json::object batch_of(const broker::InspectedBatch& batch) { return admin::batch_of(batch.facts, batch.position); }

Response list(Console& console, const Request& request, Captures captures) {
    const auto partition = find_partition(console, captures);
    if (!partition) return no_such_partition(request);
    const auto listed = broker::list_segments(*partition);
    if (!listed) return failed(request, listed.error());
    json::array segments;
    std::int64_t bytes = 0;
    for (const broker::SegmentSummary& segment : listed->segments) {
        bytes += segment.bytes;
        segments.push_back({{"base", exact(segment.base_offset)},
                            {"end", exact(segment.end_offset)},
                            {"records", exact(segment.end_offset - segment.base_offset)},
                            {"bytes", exact(segment.bytes)},
                            {"first_ms", time_or_null(segment.first_timestamp)},
                            {"last_ms", time_or_null(segment.largest_timestamp)},
                            {"index_entries", segment.offset_index_entries},
                            {"time_index_entries", segment.time_index_entries},
                            {"state", segment.is_active ? "ACTIVE" : "CLOSED"},
                            {"file", segment.file}});
    }
    json::array groups;
    const TopicPartition& name = partition->name();
    for (const broker::GroupSnapshot& group :
         console.broker().groups->snapshot({std::chrono::steady_clock::now(), wall_clock()})) {
        for (const auto& offset : group.offsets) {
            if (offset.partition == name)
                groups.push_back({{"group", text_of(group.id)}, {"offset", exact(offset.committed.offset)}});
        }
    }
    return ok({{"topic", name.topic},
               {"partition", name.partition.value},
               {"log_start", exact(listed->log_start)},
               {"lso", exact(listed->last_stable)},
               {"high_watermark", exact(listed->high_watermark)},
               {"log_end", exact(listed->log_end)},
               {"size", exact(bytes)},
               {"groups", std::move(groups)},
               {"segments", std::move(segments)}});
}

Response batches(Console& console, const Request& request, Captures captures) {
    const auto partition = find_partition(console, captures);
    if (!partition) return no_such_partition(request);
    const auto base = number_of<std::int64_t>(captures[2]);
    if (!base) return refuse(request, {.message = "the segment's base offset must be a whole number"});
    const auto from = parameter_of(request, "from", INT64_MAX, *base);
    const auto limit = parameter_of(request, "limit", batches_per_page_max, batches_per_page);
    if (!from || !limit || *limit == 0) {
        return refuse(request,
                      {.message = fmt::format("from must be an offset, limit from 1 to {}", batches_per_page_max)});
    }
    const auto page = broker::list_batches(*partition, Offset(*base), Offset(*from), static_cast<std::size_t>(*limit));
    if (!page) return failed(request, page.error());
    json::array data;
    for (const broker::InspectedBatch& batch : page->batches) data.push_back(batch_of(batch));
    return ok({{"data", std::move(data)},
               {"next", page->next ? json::value(exact(*page->next)) : json::value()},
               {"damage", page->damage.empty() ? json::value() : json::value(page->damage)}});
}

Response records(Console& console, const Request& request, Captures captures) {
    if (!console.config().records_view) {
        return refuse(request, {.status = 403, .message = "this console does not show records (console.records.view)"});
    }
    const auto partition = find_partition(console, captures);
    if (!partition) return no_such_partition(request);
    const auto offset = number_of<std::int64_t>(captures[2]);
    const auto first = parameter_of(request, "from", INT32_MAX, 0);
    const auto limit = parameter_of(request, "limit", records_per_page_max, records_per_page_max);
    if (!offset || !first || !limit)
        return refuse(request, {.message = "offset, from and limit must be whole numbers"});
    const auto listed = broker::list_records(partition, Offset(*offset), static_cast<std::size_t>(*first),
                                             static_cast<std::size_t>(*limit), {.bytes = preview_bytes});
    if (!listed) return failed(request, listed.error());
    json::array data;
    for (const broker::ScannedRecord& record : listed->records) {
        data.push_back({{"offset", exact(record.offset)},
                        {"timestamp_ms", time_or_null(record.timestamp)},
                        {"bytes", record.size},
                        {"key", to_json(record.key)},
                        {"value", to_json(record.value)},
                        {"headers", record.header_count}});
    }
    return ok({{"batch", batch_of(listed->batch)},
               {"segment", exact(listed->batch.segment_base)},
               {"records", std::move(data)},
               {"next", listed->next ? json::value(*listed->next) : json::value()},
               {"damage", listed->damage.empty() ? json::value() : json::value(listed->damage)}});
}

json::object to_json(const broker::SegmentVerification::Report& report, std::chrono::milliseconds took) {
    json::array problems;
    for (const auto& problem : report.problems) {
        problems.push_back({{"offset", problem.offset ? json::value(exact(*problem.offset)) : json::value()},
                            {"position", exact(problem.position)},
                            {"message", problem.message}});
    }
    return {{"ok", report.problem_count == 0},
            {"batches", report.batches},
            {"records", exact(report.records)},
            {"bytes", exact(report.bytes)},
            {"ms", took.count()},
            {"problem_count", report.problem_count},
            {"problems", std::move(problems)}};
}

// One object, once all of the segment has been read. A stream only in that it lets others have its thread.
class VerifyStream final : public BodyStream {
public:
    VerifyStream(broker::SegmentVerification verification, std::unique_ptr<ScanSlots::Slot> slot, ScanRate& rate)
        : verification_(std::move(verification)), slot_(std::move(slot)), rate_(rate) {}

    Part next() override {
        Part part;
        const bool goes_on = verification_.step();
        const broker::SegmentVerification::Report& report = verification_.report();
        const auto now = std::chrono::steady_clock::now();
        part.rest = rate_.spend(report.bytes - std::exchange(paid_for_, report.bytes), now);
        if (goes_on) return part;
        part.bytes =
            json::serialize(to_json(report, std::chrono::duration_cast<std::chrono::milliseconds>(now - began_)));
        part.is_last = true;
        return part;
    }

private:
    broker::SegmentVerification verification_;
    const std::unique_ptr<ScanSlots::Slot> slot_;
    ScanRate& rate_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::int64_t paid_for_ = 0;  // bytes
};

// Reads all of the segment again. It changes nothing, but costs a read of the disk, so it is no GET.
Response verify(Console& console, const Request& request, Captures captures) {
    const auto partition = find_partition(console, captures);
    if (!partition) return no_such_partition(request);
    const auto base = number_of<std::int64_t>(captures[2]);
    if (!base) return refuse(request, {.message = "the segment's base offset must be a whole number"});
    auto slot = console.scan_slots().take(visitor_of(request));
    if (!slot) return refuse(request, too_many_scans());
    auto verification = broker::SegmentVerification::start(*partition, Offset(*base));
    if (!verification) return failed(request, verification.error());
    Response response;
    response.content_type = "application/json";
    response.stream = std::make_unique<VerifyStream>(std::move(*verification), std::move(slot), console.scan_rate());
    return response;
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/topics/{topic}/partitions/{partition}/segments", list, false, "DESCRIBE topic"},
    {Method::get, "/api/v1/topics/{topic}/partitions/{partition}/segments/{base}/batches", batches, false,
     "DESCRIBE topic"},
    {Method::get, "/api/v1/topics/{topic}/partitions/{partition}/batches/{offset}/records", records, false,
     "READ topic"},
    {Method::post, "/api/v1/topics/{topic}/partitions/{partition}/segments/{base}:verify", verify, false,
     "DESCRIBE topic"},
};

}  // namespace

std::span<const Route> segment_routes() { return routes; }

}  // namespace mamba::admin
