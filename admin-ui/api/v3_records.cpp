// v3: records are produced.
//
// A body is one record or several, one JSON object after the other; the answer has as many. With one,
// the status is the record's own; with several it is 200 and each carries its error_code.
#include <fmt/format.h>

#include <boost/json/stream_parser.hpp>
#include <charconv>
#include <chrono>
#include <map>

#include "admin-ui/api/record_json.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/v3.h"
#include "broker/scan/json_scan.h"
#include "protocol/partitioner.h"
#include "protocol/record_batch_builder.h"

namespace mamba::admin {
namespace {

constexpr std::size_t records_max = 1000;

// Key or value: what was sent, and how it was written.
struct Data {
    std::string type;
    std::optional<std::string> bytes;
};

struct NewRecord {
    std::optional<ApiError> error;  // then the rest counts for nothing
    std::int32_t partition = 0;
    std::optional<Data> key;
    std::optional<Data> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    Timestamp time;
    std::int64_t offset = -1;  // once it is stored
};

// "2026-09-22T10:00:00.123Z"; nothing when it is no such time.
std::optional<Timestamp> read_time(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00T00:00:00";
    if (text.size() < shape.size() + 1 || !text.ends_with('Z')) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + digits, value);
        return value;
    };
    const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                          std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                          std::chrono::day(static_cast<unsigned>(number(8, 2))));
    if (!day.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return std::nullopt;
    std::int64_t ms = 0;
    const std::string_view rest = text.substr(shape.size(), text.size() - shape.size() - 1);
    if (!rest.empty()) {
        if (rest[0] != '.' || rest.size() < 2 || rest.find_first_not_of("0123456789", 1) != std::string_view::npos)
            return std::nullopt;
        for (std::size_t i = 1; i <= 3; ++i) ms = ms * 10 + (i < rest.size() ? rest[i] - '0' : 0);
    }
    const auto days = std::chrono::sys_days(day).time_since_epoch();
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(days).count() + number(11, 2) * 3600 +
                                 number(14, 2) * 60 + number(17, 2);
    return Timestamp(seconds * 1000 + ms);
}

std::string write_time(Timestamp time) {
    const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(time.value)};
    const auto day = std::chrono::floor<std::chrono::days>(point);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(point - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

// `text` is the whole record as it was sent: JSON data is stored digit for digit as it stands there.
std::optional<Data> read_data(Fields& record, std::string_view name, std::string_view text) {
    const json::object* object = record.object(name);
    if (object == nullptr) return std::nullopt;
    const json::value copy(*object);
    Fields fields(copy, std::string(name));
    Data data{.type = fields.text("type"), .bytes = {}};
    if (data.type == "JSON") {
        const auto whole = broker::read_json(text);
        const auto member = whole ? broker::find_json_member(*whole, name) : std::nullopt;
        const auto sent = member ? broker::find_json_member(*member, "data") : std::nullopt;
        if (sent && sent->kind != broker::JsonKind::null) data.bytes = std::string(sent->text);
        return data;
    }
    if (data.type != "BINARY" && data.type != "STRING") fields.wrong("type", "must be BINARY, JSON or STRING");
    data.bytes = fields.text_or_null("data");
    if (data.type == "BINARY" && data.bytes) {
        data.bytes = from_base64(*data.bytes);
        if (!data.bytes) fields.wrong("data", "is no base64");
    }
    record.check(fields);
    return data;
}

NewRecord read_record(const json::value& parsed, std::string_view text, std::int32_t partitions, std::int32_t sticky) {
    Fields fields(parsed);
    NewRecord record;
    const auto partition = fields.integer_or_null("partition_id", 0, partitions - 1);
    record.key = read_data(fields, "key", text);
    record.value = read_data(fields, "value", text);
    record.time = wall_clock();
    if (const auto time = fields.text_or_null("timestamp")) {
        const auto read = read_time(*time);
        if (!read) fields.wrong("timestamp", "must be a time such as 2026-09-22T10:00:00Z");
        record.time = read.value_or(record.time);
    }
    const json::array* headers = fields.array("headers");
    for (std::size_t i = 0; headers != nullptr && i < headers->size(); ++i) {
        Fields header((*headers)[i], fmt::format("headers[{}]", i));
        const std::string name = header.text("name");
        std::optional<std::string> value = header.text_or_null("value");
        if (value) {
            value = from_base64(*value);
            if (!value) header.wrong("value", "is no base64");
        }
        fields.check(header);
        record.headers.emplace_back(name, std::move(value));
    }
    record.error = fields.error();
    record.partition = sticky;
    if (record.key && record.key->bytes)
        record.partition = protocol::partition_of(as_bytes(*record.key->bytes), partitions).value;
    if (partition) record.partition = static_cast<std::int32_t>(*partition);
    return record;
}

// One after the other; what cannot be told apart from there on is an error.
std::expected<std::vector<NewRecord>, ApiError> read_records(std::string_view body, std::int32_t partitions) {
    constexpr std::string_view blanks = " \t\r\n";
    // Records without a key go to one partition together, as a producer's sticky partitioner has it.
    const auto sticky = static_cast<std::int32_t>(wall_clock().value % partitions);
    std::vector<NewRecord> records;
    for (;;) {
        body.remove_prefix(std::min(body.size(), body.find_first_not_of(blanks)));
        if (body.empty()) break;
        if (records.size() >= records_max) {
            return std::unexpected(
                ApiError{.status = 413, .message = fmt::format("a request may hold {} records at most", records_max)});
        }
        json::stream_parser parser;
        boost::system::error_code failed;
        const std::size_t size = parser.write_some(body.data(), body.size(), failed);
        if (!failed && !parser.done()) parser.finish(failed);
        if (failed) return std::unexpected(ApiError{.message = "the body is not JSON: " + failed.message()});
        records.push_back(read_record(parser.release(), body.substr(0, size), partitions, sticky));
        body.remove_prefix(size);
    }
    if (records.empty()) return std::unexpected(ApiError{.message = "the body holds no record"});
    return records;
}

std::optional<BytesView> view_of(const std::optional<Data>& data) {
    return data && data->bytes ? std::optional(as_bytes(*data->bytes)) : std::nullopt;
}

Bytes batch_of(const std::vector<NewRecord*>& records) {
    protocol::RecordBatchBuilder builder({});
    for (const NewRecord* record : records) {
        std::vector<protocol::RecordHeader> headers;
        for (const auto& [name, value] : record->headers) {
            headers.push_back({name, value ? std::optional(as_bytes(*value)) : std::nullopt});
        }
        builder.append(record->time, view_of(record->key), view_of(record->value), headers);
    }
    return builder.build();
}

// Stores the good ones and notes what became of each.
void store(Console& console, const Request& request, const std::string& topic, std::vector<NewRecord>& records) {
    std::map<std::int32_t, std::vector<NewRecord*>> portions;
    for (NewRecord& record : records) {
        if (!record.error) portions[record.partition].push_back(&record);
    }
    if (portions.empty()) return;
    std::vector<OutgoingBatch> batches;
    for (const auto& [partition, portion] : portions) batches.push_back({PartitionIndex(partition), batch_of(portion)});
    const auto answer = console.produce_lane().produce(request, topic, std::move(batches));
    if (!answer) {
        for (const auto& [partition, portion] : portions) {
            for (NewRecord* record : portion) record->error = answer.error();
        }
        return;
    }
    for (const auto& partition : answer->responses.front().partition_responses) {
        const ErrorCode code{partition.error_code};
        std::int64_t offset = partition.base_offset;
        for (NewRecord* record : portions[partition.index]) {
            if (code != ErrorCode::none) {
                record->error = kafka_error(code, partition.error_message.value_or(""));
                continue;
            }
            record->offset = offset++;
            if (partition.log_append_time_ms >= 0) record->time = Timestamp(partition.log_append_time_ms);
        }
    }
}

json::value describe(const std::optional<Data>& data) {
    if (!data) return nullptr;
    return {{"type", data->type}, {"size", data->bytes ? data->bytes->size() : 0}};
}

json::object describe(const std::string& cluster, const std::string& topic, const NewRecord& record) {
    return {{"error_code", 200},
            {"cluster_id", cluster},
            {"topic_name", topic},
            {"partition_id", record.partition},
            {"offset", record.offset},
            {"timestamp", write_time(record.time)},
            {"key", describe(record.key)},
            {"value", describe(record.value)}};
}

Response produce(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const broker::TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return v3_refuse(kafka_error(ErrorCode::unknown_topic_or_partition));
    auto records = read_records(request.body, topic->partition_count());
    if (!records) return v3_refuse(records.error());
    store(console, request, topic->name, *records);
    Response response;
    for (const NewRecord& record : *records) {
        if (record.error) {
            Response refusal = v3_refuse(*record.error);
            if (records->size() == 1) return refusal;
            response.body += refusal.body;
        } else {
            response.body += json::serialize(describe(image->cluster_id(), topic->name, record));
        }
        if (records->size() > 1) response.body += '\n';
    }
    return response;
}

const V3Route routes[] = {
    {Method::post, "/topics/{topic}/records", of_cluster<produce>, true, "WRITE topic"},
};

}  // namespace

std::vector<Route> v3_record_routes() { return mount(routes); }

}  // namespace mamba::admin
