// Records: looked for, followed live, downloaded, shown one by one, and produced.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <functional>
#include <map>
#include <stdexcept>

#include "admin-ui/api/record_json.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/scan_request.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/scan/record_scan.h"
#include "broker/scan/scan_cursor.h"
#include "protocol/partitioner.h"
#include "protocol/record_batch_builder.h"

namespace mamba::admin {
namespace {

using broker::RecordScan;
using std::chrono::milliseconds;

constexpr auto progress_interval = milliseconds(250);
constexpr auto live_rest = milliseconds(200);
constexpr auto live_progress_interval = std::chrono::seconds(5);  // also tells a proxy that the answer goes on
constexpr std::size_t records_produced_max = 1000;
constexpr std::size_t part_bytes = 64 * 1024;

broker::Instant now() { return std::chrono::steady_clock::now(); }

ApiError records_hidden() {
    return {.status = 403, .message = "this console does not show records (console.records.view)"};
}

std::string_view name_of(broker::ScanEnd end) {
    switch (end) {
        case broker::ScanEnd::end:
            return "end";
        case broker::ScanEnd::limit:
            return "limit";
        case broker::ScanEnd::budget:
            return "budget";
        case broker::ScanEnd::cancelled:
            return "cancelled";
        case broker::ScanEnd::too_slow:
            break;
    }
    return "error";
}

json::object ends_of(const std::vector<broker::ScanRange>& ranges) {
    json::object ends;
    for (const broker::ScanRange& range : ranges) {
        ends[std::to_string(range.partition.value)] =
            range.high == broker::no_scan_end ? json::value() : json::value(exact(range.high));
    }
    return ends;
}

std::string line(json::object object) { return json::serialize(object) + '\n'; }

// A scan with its place among the others, no faster than all of them together may be.
class PacedScan {
public:
    PacedScan(std::unique_ptr<RecordScan> scan, std::unique_ptr<ScanSlots::Slot> slot, ScanRate& rate)
        : scan_(std::move(scan)), slot_(std::move(slot)), rate_(rate) {}

    RecordScan::Step step() { return scan_->step(); }
    // How long to rest for what was read since it was asked last.
    milliseconds rest() {
        const std::int64_t read = scan_->progress().bytes;
        return rate_.spend(read - std::exchange(paid_for_, read), now());
    }
    const RecordScan* operator->() const { return scan_.get(); }

private:
    std::unique_ptr<RecordScan> scan_;
    std::unique_ptr<ScanSlots::Slot> slot_;
    ScanRate& rate_;
    std::int64_t paid_for_ = 0;  // bytes
};

// A scan as lines of JSON: start, rec, prog, warn, done.
class BrowseStream final : public BodyStream {
public:
    BrowseStream(std::string id, PacedScan scan, std::function<std::string(const broker::ScanCursor&)> token_of)
        : id_(std::move(id)), scan_(std::move(scan)), token_of_(std::move(token_of)) {}

    Part next() override {
        Part part;
        if (!std::exchange(started_, true)) {
            part.bytes = line({{"t", "start"},
                               {"scan", id_},
                               {"ends", ends_of(scan_->ranges())},
                               {"upper_bound", exact(scan_->progress().upper_bound)}});
        }
        const broker::Instant until = now() + progress_interval;
        bool is_live = false;
        while (part.bytes.size() < part_bytes) {
            RecordScan::Step step = scan_.step();
            part.rest = scan_.rest();
            for (const broker::ScanWarning& warning : step.warnings) part.bytes += line(to_json(warning));
            for (const broker::ScannedRecord& record : step.records) {
                json::object object = to_json(record);
                object["t"] = "rec";
                part.bytes += line(std::move(object));
            }
            if (step.end) {
                part.bytes += line(done(*step.end));
                part.is_last = true;
                return part;
            }
            if (step.waiting) {
                is_live = true;
                part.rest = std::max(part.rest, live_rest);
            }
            if (part.rest.count() > 0 || now() >= until) break;
        }
        const auto interval = is_live ? broker::Duration(live_progress_interval) : broker::Duration(progress_interval);
        if (now() - told_ >= interval) {
            told_ = now();
            part.bytes += line(progress());
        }
        return part;
    }

private:
    static json::object to_json(const broker::ScanWarning& warning) {
        return {{"t", "warn"},
                {"p", warning.partition.value},
                {"kafka_name", mamba::name_of(warning.code)},
                {"message", text_of(warning.message)}};
    }
    static json::object to_json(const broker::ScannedRecord& record) { return admin::to_json(record); }

    json::object progress() const {
        const broker::ScanProgress progress = scan_->progress();
        json::object positions;
        for (const broker::ScanRange& range : scan_->cursor().ranges)
            positions[std::to_string(range.partition.value)] = exact(range.low);
        return {{"t", "prog"},
                {"scanned", exact(progress.scanned)},
                {"bytes", exact(progress.bytes)},
                {"matched", progress.matched},
                {"pos", std::move(positions)},
                {"ms", std::chrono::duration_cast<milliseconds>(progress.time).count()},
                {"partitions", progress.partitions},
                {"partitions_done", progress.partitions_done}};
    }
    json::object done(broker::ScanEnd end) const {
        const broker::ScanProgress progress = scan_->progress();
        const bool goes_on = end == broker::ScanEnd::limit || end == broker::ScanEnd::budget;
        json::object object{{"t", "done"},
                            {"reason", name_of(end)},
                            {"cursor", goes_on ? json::value(token_of_(scan_->cursor())) : json::value()},
                            {"scanned", exact(progress.scanned)},
                            {"bytes", exact(progress.bytes)},
                            {"matched", progress.matched},
                            {"ms", std::chrono::duration_cast<milliseconds>(progress.time).count()}};
        if (end == broker::ScanEnd::too_slow) object["message"] = "the expression takes too long for each record";
        return object;
    }

    const std::string id_;
    PacedScan scan_;
    const std::function<std::string(const broker::ScanCursor&)> token_of_;
    bool started_ = false;
    broker::Instant told_ = now();
};

// Records as a file. One that lacks some is cut off at its end, so that nobody takes it for whole.
class DownloadStream final : public BodyStream {
public:
    enum class Format : std::uint8_t { ndjson, csv, json };

    DownloadStream(Format format, PacedScan scan) : format_(format), scan_(std::move(scan)) {}

    Part next() override {
        if (ended_) throw std::runtime_error(damage_);
        Part part;
        if (!std::exchange(started_, true))
            part.bytes = format_ == Format::csv ? csv_header : format_ == Format::json ? "[" : "";
        const broker::Instant until = now() + progress_interval;
        while (part.bytes.size() < part_bytes && now() < until && part.rest.count() == 0) {
            RecordScan::Step step = scan_.step();
            part.rest = scan_.rest();
            for (const broker::ScannedRecord& record : step.records) add(record, part.bytes);
            for (const broker::ScanWarning& warning : step.warnings) {
                damage_ = fmt::format("partition {}: {}", warning.partition.value, warning.message);
            }
            if (!step.end) continue;
            ended_ = true;
            if (!damage_.empty()) break;
            if (format_ == Format::json) part.bytes += "\n]\n";
            part.is_last = true;
            break;
        }
        return part;
    }

private:
    void add(const broker::ScannedRecord& record, std::string& bytes) {
        if (format_ == Format::csv) {
            bytes += to_csv(record);
            return;
        }
        if (format_ == Format::json) bytes += std::exchange(any_, true) ? ",\n" : "\n";
        bytes += json::serialize(to_json(record));
        if (format_ == Format::ndjson) bytes += '\n';
    }

    const Format format_;
    PacedScan scan_;
    bool started_ = false;
    bool any_ = false;
    bool ended_ = false;
    std::string damage_;  // the last that was found
};

std::expected<std::unique_ptr<RecordScan>, ApiError> start_scan(Console& console, WantedScan wanted) {
    if (wanted.cursor.empty()) return RecordScan::start(std::move(wanted.scan), std::move(wanted.partitions), now);
    const auto cursor = console.scan_cursors().open(wanted.cursor, wanted.topic_id, wanted.scan.filter.spec());
    if (!cursor) return std::unexpected(ApiError{.message = cursor.error()});
    return RecordScan::resume(std::move(wanted.scan), *cursor, std::move(wanted.partitions), now);
}

Response browse(Console& console, const Request& request, Captures captures) {
    if (!console.config().records_view) return refuse(request, records_hidden());
    boost::system::error_code failed;
    const json::value body = request.body.empty() ? json::value(json::object()) : json::parse(request.body, failed);
    if (failed) return refuse(request, {.message = "the body is not JSON: " + failed.message()});
    auto wanted = read_scan(console, request, captures[0], body);
    if (!wanted) return refuse(request, wanted.error());
    auto slot = console.scan_slots().take(visitor_of(request));
    if (!slot) return refuse(request, too_many_scans());
    const auto token_of = [&console, topic = wanted->topic_id,
                           filter = wanted->scan.filter](const broker::ScanCursor& cursor) {
        return console.scan_cursors().seal(cursor, topic, filter.spec());
    };
    auto scan = start_scan(console, std::move(*wanted));
    if (!scan) return refuse(request, scan.error());
    Response response;
    response.content_type = "application/x-ndjson";
    PacedScan paced(std::move(*scan), std::move(slot), console.scan_rate());
    response.stream = std::make_unique<BrowseStream>("s" + request.id.substr(1), std::move(paced), token_of);
    return response;
}

Response download(Console& console, const Request& request, Captures captures) {
    if (!console.config().records_view) return refuse(request, records_hidden());
    const std::string format = request.parameter("format").value_or("ndjson");
    static const std::map<std::string, std::pair<DownloadStream::Format, std::string_view>, std::less<>> formats{
        {"ndjson", {DownloadStream::Format::ndjson, "application/x-ndjson"}},
        {"csv", {DownloadStream::Format::csv, "text/csv; charset=utf-8"}},
        {"json", {DownloadStream::Format::json, "application/json"}}};
    const auto known = formats.find(format);
    if (known == formats.end()) return refuse(request, {.message = "format must be ndjson, csv or json"});
    boost::system::error_code failed;
    const json::value body = json::parse(request.parameter("request").value_or("{}"), failed);
    if (failed) return refuse(request, {.message = "request is not JSON: " + failed.message()});
    auto wanted = read_scan(console, request, captures[0], body);
    if (!wanted) return refuse(request, wanted.error());
    if (std::holds_alternative<broker::scan_to::Never>(wanted->scan.to)) {
        return refuse(request, {.message = "a download has to have an end"});
    }
    // All that match, whole: what is loaded in a page does not bound it.
    wanted->scan.limit = INT64_MAX;
    wanted->scan.preview = broker::PreviewSize::everything();
    wanted->scan.budget = {.time = broker::Duration::max(), .bytes = INT64_MAX};
    auto slot = console.scan_slots().take(visitor_of(request));
    if (!slot) return refuse(request, too_many_scans());
    auto scan = start_scan(console, std::move(*wanted));
    if (!scan) return refuse(request, scan.error());
    Response response;
    response.content_type = known->second.second;
    response.headers.emplace_back("Content-Disposition",
                                  fmt::format("attachment; filename=\"{}.{}\"", captures[0], format));
    PacedScan paced(std::move(*scan), std::move(slot), console.scan_rate());
    response.stream = std::make_unique<DownloadStream>(known->second.first, std::move(paced));
    return response;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::shared_ptr<broker::Partition> find_partition(Console& console, const std::string& topic, std::string_view index) {
    const auto number = number_of<std::int32_t>(index);
    return number ? console.broker().partitions->find(topic, PartitionIndex(*number)) : nullptr;
}

Response attachment(std::string bytes, const std::string& name) {
    Response response;
    response.content_type = "application/octet-stream";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
    response.body = std::move(bytes);
    return response;
}

Response one_record(Console& console, const Request& request, Captures captures) {
    if (!console.config().records_view) return refuse(request, records_hidden());
    const auto partition = find_partition(console, captures[0], captures[1]);
    if (!partition) return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    const auto offset = number_of<std::int64_t>(captures[2]);
    if (!offset) return refuse(request, {.message = "the offset must be a whole number"});
    const auto record = broker::read_record(partition, Offset(*offset));
    if (!record) {
        ApiError error = kafka_error(record.error().code, record.error().message);
        if (record.error().code == ErrorCode::invalid_record) error.status = 404;
        return refuse(request, error);
    }
    const std::string name = fmt::format("{}-{}-{}", captures[0], captures[1], captures[2]);
    const std::optional<std::string> raw = request.parameter("raw");
    if (raw == "key") return attachment(record->key.bytes, name + ".key");
    if (raw) return attachment(record->value.bytes, name + ".value");
    json::object body = to_json(*record);
    body["topic"] = captures[0];
    const auto position = partition->reader().position_of(record->offset);
    body["batch"] = batch_of(*record->batch, position ? std::optional<std::int64_t>(position->position) : std::nullopt);
    body["segment"] = exact(position ? position->segment_base : Offset(0));
    return ok(body);
}

// ---- producing

struct NewRecord {
    std::optional<std::int32_t> partition;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    std::optional<std::int64_t> timestamp;
};

// {"s": text} or {"x": base64}; null is null.
std::optional<std::string> read_bytes(const json::value* value, std::string_view name, Fields& fields) {
    if (value == nullptr || value->is_null()) return std::nullopt;
    const json::object* object = value->if_object();
    const json::value* text = object == nullptr ? nullptr : object->if_contains("s");
    const json::value* coded = object == nullptr ? nullptr : object->if_contains("x");
    const json::value* given = text != nullptr ? text : coded;
    if (given == nullptr || !given->is_string() || object->size() != 1) {
        fields.wrong(name, "must be null, {\"s\": text} or {\"x\": base64}");
        return std::nullopt;
    }
    if (text != nullptr) return std::string(text->get_string());
    auto bytes = from_base64(coded->get_string());
    if (!bytes) fields.wrong(name, "is no base64");
    return bytes;
}

NewRecord read_record(Fields& fields, std::int32_t partitions) {
    NewRecord record;
    if (const auto partition = fields.integer_or_null("partition", 0, partitions - 1)) {
        record.partition = static_cast<std::int32_t>(*partition);
    }
    const auto part = [&](std::string_view name) {
        const json::object* object = fields.object(name);
        const json::value value = object == nullptr ? json::value() : json::value(*object);
        return read_bytes(&value, name, fields);
    };
    record.key = part("key");
    record.value = part("value");
    record.timestamp = fields.integer_or_null("timestamp_ms", 0, INT64_MAX);
    const json::array* headers = fields.array("headers");
    for (std::size_t i = 0; headers != nullptr && i < headers->size(); ++i) {
        const json::array* pair = (*headers)[i].if_array();
        if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string()) {
            fields.wrong("headers", "must be a list of [name, value]");
            break;
        }
        record.headers.emplace_back((*pair)[0].get_string(), read_bytes(&(*pair)[1], "headers", fields));
    }
    return record;
}

std::optional<BytesView> view_of(const std::optional<std::string>& text) {
    return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

// The records of one partition, as one batch.
struct Portion {
    std::vector<std::size_t> records;  // by their place in the request
};

Bytes batch_of(const Portion& portion, const std::vector<NewRecord>& records, protocol::CompressionType codec) {
    protocol::RecordBatchBuilder builder({.codec = codec});
    for (const std::size_t i : portion.records) {
        const NewRecord& record = records[i];
        std::vector<protocol::RecordHeader> headers;
        for (const auto& [name, value] : record.headers) headers.push_back({name, view_of(value)});
        builder.append(Timestamp(record.timestamp.value_or(wall_clock().value)), view_of(record.key),
                       view_of(record.value), headers);
    }
    return builder.build();
}

Response produce(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const broker::TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    Fields fields(request);
    const json::array* list = fields.array("records");
    if (list == nullptr || list->empty()) fields.wrong("records", "is missing");
    if (list != nullptr && list->size() > records_produced_max) {
        fields.wrong("records", fmt::format("may hold {} at most", records_produced_max));
    }
    static const std::map<std::string, protocol::CompressionType, std::less<>> codecs{
        {"none", protocol::CompressionType::none},   {"gzip", protocol::CompressionType::gzip},
        {"snappy", protocol::CompressionType::snappy}, {"lz4", protocol::CompressionType::lz4},
        {"zstd", protocol::CompressionType::zstd}};
    const auto codec = codecs.find(fields.text("compression", "none"));
    if (codec == codecs.end()) fields.wrong("compression", "must be none, gzip, snappy, lz4 or zstd");
    const std::string acks = fields.text("acks", "all");
    if (acks != "all" && acks != "leader" && acks != "none") fields.wrong("acks", "must be all, leader or none");
    if (const auto error = fields.error()) return refuse(request, *error);

    std::vector<NewRecord> records;
    std::map<std::int32_t, Portion> portions;
    const std::int32_t partitions = topic->partition_count();
    // Records without a key go to one partition together, as a producer's sticky partitioner has it.
    const std::int32_t sticky = static_cast<std::int32_t>(wall_clock().value % partitions);
    for (std::size_t i = 0; i < list->size(); ++i) {
        Fields entry((*list)[i], fmt::format("records[{}]", i));
        NewRecord record = read_record(entry, partitions);
        if (const auto error = entry.error()) return refuse(request, *error);
        const std::int32_t partition =
            record.partition ? *record.partition
            : record.key     ? protocol::partition_of(as_bytes(*record.key), partitions).value
                             : sticky;
        portions[partition].records.push_back(i);
        records.push_back(std::move(record));
    }
    std::vector<OutgoingBatch> batches;
    for (const auto& [partition, portion] : portions) {
        batches.push_back({PartitionIndex(partition), batch_of(portion, records, codec->second)});
    }
    const auto answer = console.produce_lane().produce(request, captures[0], std::move(batches));
    if (!answer) return refuse(request, answer.error());
    json::array results(records.size());
    for (const auto& partition : answer->responses.front().partition_responses) {
        const ErrorCode code{partition.error_code};
        const std::vector<std::size_t>& own = portions[partition.index].records;
        for (std::size_t i = 0; i < own.size(); ++i) {
            json::object result{
                {"partition", partition.index}, {"offset", nullptr}, {"timestamp_ms", nullptr}, {"error", nullptr}};
            if (code == ErrorCode::none) {
                result["offset"] = exact(partition.base_offset + static_cast<std::int64_t>(i));
                if (partition.log_append_time_ms >= 0) result["timestamp_ms"] = partition.log_append_time_ms;
                else if (records[own[i]].timestamp) result["timestamp_ms"] = *records[own[i]].timestamp;
            } else {
                std::string message = partition.error_message.value_or("");
                for (const auto& one : partition.record_errors) {
                    if (one.batch_index == static_cast<std::int32_t>(i))
                        message = one.batch_index_error_message.value_or(message);
                }
                result["error"] = error_body(kafka_error(code, message), request.id)["error"];
            }
            results[own[i]] = std::move(result);
        }
    }
    return ok({{"results", std::move(results)}});
}

constexpr Route routes[] = {
    {Method::post, "/api/v1/topics/{topic}/records:browse", browse, false, "READ topic"},
    {Method::get, "/api/v1/topics/{topic}/records:download", download, false, "READ topic"},
    {Method::get, "/api/v1/topics/{topic}/partitions/{partition}/records/{offset}", one_record, false, "READ topic"},
    {Method::post, "/api/v1/topics/{topic}/records", produce, true, "WRITE topic"},
};

}  // namespace

std::span<const Route> record_routes() { return routes; }

}  // namespace mamba::admin
