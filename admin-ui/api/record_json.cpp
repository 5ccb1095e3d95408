#include "admin-ui/api/record_json.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace mamba::admin {
namespace {

constexpr std::size_t group_bytes = 3;  // become four characters

std::string text_or_base64(const broker::BytesPreview& bytes) {
    return bytes.is_utf8 ? bytes.bytes : base64(bytes.bytes);
}

std::string csv_cell(std::string_view text) {
    std::string cell = "\"";
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) cell += '\'';
    for (const char c : text) {
        if (c == '"') cell += '"';
        cell += c;
    }
    return cell + '"';
}

bool is_append_time(const broker::BatchFacts& batch) {
    return batch.timestamp_type == protocol::TimestampType::log_append_time;
}

json::array headers_of(const broker::ScannedRecord& record) {
    json::array headers;
    for (const broker::HeaderPreview& header : record.headers) {
        headers.push_back(json::array{text_of(header.name.bytes), to_json(header.value)});
    }
    return headers;
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + group_bytes - 1) / group_bytes * 4 + 1, '\0');
    const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    std::string bytes(text.size() / 4 * group_bytes, '\0');
    const int size =
        ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                          reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

json::value to_json(const broker::BytesPreview& bytes) {
    if (bytes.is_null) return nullptr;
    json::object part{{"n", bytes.size}};
    if (bytes.is_utf8) {
        part["s"] = json::string(bytes.bytes);
    } else {
        part["x"] = json::string(base64(bytes.bytes));
    }
    if (bytes.is_cut) part["cut"] = true;
    return part;
}

json::object to_json(const broker::BatchFacts& batch) {
    return {{"o", exact(batch.base_offset)},
            {"n", batch.record_count},
            {"codec", batch.has_known_codec ? protocol::name_of(batch.codec) : "unknown"},
            {"pid", exact(batch.producer_id.value)},
            {"pe", batch.producer_epoch.value},
            {"seq", batch.base_sequence},
            {"le", batch.leader_epoch.value},
            {"txn", batch.is_transactional},
            {"ctl", batch.is_control}};
}

json::object batch_of(const broker::BatchFacts& batch, std::optional<std::int64_t> position_in_segment) {
    constexpr int magic = 2;  // the only format that is stored
    return {{"base", exact(batch.base_offset)},
            {"last", exact(batch.last_offset)},
            {"count", batch.record_count},
            {"position", exact_or_null(position_in_segment)},
            {"bytes", batch.bytes},
            {"raw_bytes", batch.plain_bytes == 0 ? json::value() : json::value(batch.plain_bytes)},
            {"codec", batch.has_known_codec ? protocol::name_of(batch.codec) : "unknown"},
            {"magic", magic},
            {"crc", batch.stored_crc},
            {"crc_ok", batch.crc_is_right()},
            {"leader_epoch", batch.leader_epoch.value},
            {"producer_id", exact(batch.producer_id.value)},
            {"producer_epoch", batch.producer_epoch.value},
            {"base_sequence", batch.base_sequence},
            {"transactional", batch.is_transactional},
            {"control", batch.is_control},
            {"timestamp_type", is_append_time(batch) ? "LOG_APPEND_TIME" : "CREATE_TIME"},
            {"first_ms", batch.has_delete_horizon ? json::value() : time_or_null(batch.base_timestamp)},
            {"max_ms", time_or_null(batch.max_timestamp)},
            {"delete_horizon_ms", batch.has_delete_horizon ? time_or_null(batch.base_timestamp) : json::value()}};
}

json::object to_json(const broker::ScannedRecord& record) {
    json::object body{{"p", record.partition.value},
                      {"o", exact(record.offset)},
                      {"ts", time_or_null(record.timestamp)},
                      {"tt", is_append_time(*record.batch) ? "LOG_APPEND_TIME" : "CREATE_TIME"},
                      {"n", record.size},
                      {"k", to_json(record.key)},
                      {"v", to_json(record.value)},
                      {"h", headers_of(record)},
                      {"b", to_json(*record.batch)}};
    if (record.header_count > record.headers.size()) body["headers_total"] = record.header_count;
    return body;
}

std::string to_csv(const broker::ScannedRecord& record) {
    return fmt::format("{},{},{},{},{},{}\r\n", record.partition.value, record.offset.value, record.timestamp.value,
                       csv_cell(text_or_base64(record.key)), csv_cell(text_or_base64(record.value)),
                       csv_cell(json::serialize(headers_of(record))));
}

}  // namespace mamba::admin
