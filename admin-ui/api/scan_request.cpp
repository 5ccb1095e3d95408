#include "admin-ui/api/scan_request.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "admin-ui/asking.h"
#include "protocol/messages/offset_fetch.h"

namespace mamba::admin {
namespace {

constexpr std::int64_t limit_max = 10'000;
constexpr std::int64_t budget_ms_max = 60'000;
constexpr std::int64_t budget_bytes_max = std::int64_t{4} << 30;
constexpr std::int64_t preview_bytes_max = 64 * 1024;

using Offsets = std::map<PartitionIndex, Offset>;

std::expected<Offsets, ApiError> offsets_of_group(Console& console, const Request& visitor, const std::string& group,
                                                  const std::string& topic) {
    protocol::OffsetFetchRequest question;
    auto& wanted = question.groups.emplace_back();
    wanted.group_id = group;
    wanted.member_epoch = -1;
    wanted.topics.reset();  // all of them
    const auto answer = ask<protocol::OffsetFetchResponse>(console, visitor, question);
    if (!answer) return std::unexpected(answer.error());
    const auto& fetched = answer->groups.front();
    if (const ErrorCode code{fetched.error_code}; code != ErrorCode::none) return std::unexpected(kafka_error(code));
    const broker::TopicState* state = console.broker().metadata->image()->find_topic(topic);
    Offsets offsets;
    for (const auto& one : fetched.topics) {
        if (one.name != topic && (state == nullptr || one.topic_id != state->id)) continue;
        for (const auto& partition : one.partitions) {
            if (partition.committed_offset >= 0)
                offsets[PartitionIndex(partition.partition_index)] = Offset(partition.committed_offset);
        }
    }
    return offsets;
}

// {"o": "17"} for every partition, or {"offsets": {"0": "17"}}.
Offsets read_offsets(Fields& fields, std::span<const std::shared_ptr<broker::Partition>> partitions) {
    Offsets offsets;
    if (const auto one = fields.integer_or_null("o", 0, INT64_MAX)) {
        for (const auto& partition : partitions) offsets[partition->name().partition] = Offset(*one);
    }
    if (const json::object* each = fields.object("offsets")) {
        for (const auto& [name, value] : *each) {
            std::int32_t index = -1;
            const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
            const bool is_number = value.is_string() || value.is_int64();
            if (error != std::errc() || end != name.data() + name.size() || !is_number) {
                fields.wrong("offsets", "must map partitions to offsets");
                return {};
            }
            const json::object one_offset{{"o", value}};
            Fields entry(one_offset, "offsets");
            offsets[PartitionIndex(index)] = Offset(entry.integer("o", 0, INT64_MAX));
            if (entry.error()) fields.wrong("offsets", "must map partitions to offsets");
        }
    }
    if (offsets.empty()) fields.wrong("o", "is missing");
    return offsets;
}

std::expected<broker::FilterTest, ApiError> read_test(Fields& fields) {
    struct Operator {
        std::string_view name;
        broker::FilterOperator op;
        bool negated;
    };
    static constexpr std::array<Operator, 9> operators{{
        {"contains", broker::FilterOperator::contains, false},
        {"not_contains", broker::FilterOperator::contains, true},
        {"equals", broker::FilterOperator::equals, false},
        {"not_equals", broker::FilterOperator::equals, true},
        {"starts_with", broker::FilterOperator::starts_with, false},
        {"regex", broker::FilterOperator::regex, false},
        {"not_regex", broker::FilterOperator::regex, true},
        {"is_null", broker::FilterOperator::is_null, false},
        {"not_null", broker::FilterOperator::is_null, true},
    }};
    const std::string name = fields.text("op", "contains");
    const auto found = std::ranges::find(operators, name, &Operator::name);
    broker::FilterTest test;
    if (found == operators.end()) {
        fields.wrong(
            "op",
            "is none of contains, not_contains, equals, not_equals, starts_with, regex, not_regex, is_null, not_null");
        return test;
    }
    test.op = found->op;
    test.negated = found->negated;
    test.text = fields.text("text", "");
    return test;
}

std::expected<broker::RecordFilter, ApiError> read_filter(const json::object* object) {
    broker::FilterSpec spec;
    if (object == nullptr) return broker::RecordFilter();
    Fields fields(*object, "filter");
    const auto part = [&](std::string_view name) -> std::expected<std::optional<broker::FilterTest>, ApiError> {
        const json::object* one = fields.object(name);
        if (one == nullptr) return std::nullopt;
        Fields entry(*one, fmt::format("filter.{}", name));
        const auto test = read_test(entry);
        if (const auto error = entry.error()) return std::unexpected(*error);
        return *test;
    };
    auto key = part("key");
    if (!key) return std::unexpected(key.error());
    auto value = part("value");
    if (!value) return std::unexpected(value.error());
    spec.key = std::move(*key);
    spec.value = std::move(*value);
    if (const json::array* headers = fields.array("headers")) {
        for (std::size_t i = 0; i < headers->size(); ++i) {
            Fields entry((*headers)[i], fmt::format("filter.headers[{}]", i));
            broker::HeaderFilterTest header;
            header.name = entry.text("name");
            header.test = *read_test(entry);
            if (const auto error = entry.error()) return std::unexpected(*error);
            spec.headers.push_back(std::move(header));
        }
    }
    spec.expression = fields.text("expr", "");
    if (const auto error = fields.error()) return std::unexpected(*error);
    auto filter = broker::RecordFilter::make(std::move(spec));
    if (filter) return *filter;
    const broker::FilterError& wrong = filter.error();
    return std::unexpected(ApiError{.message = fmt::format("filter.{}: {}", wrong.field, wrong.message),
                                    .detail = {{"field", wrong.field}, {"position", wrong.position}}});
}

std::expected<broker::ScanFrom, ApiError> read_from(Console& console, const Request& visitor, const std::string& topic,
                                                    const json::object* object, WantedScan& wanted) {
    namespace from = broker::scan_from;
    if (object == nullptr) return from::Newest{wanted.scan.limit};
    Fields fields(*object, "from");
    const std::string type = fields.text("type");
    broker::ScanFrom result;
    std::string group;
    if (type == "newest") {
        result = from::Newest{fields.integer("n", 1, limit_max, wanted.scan.limit)};
    } else if (type == "beginning") {
        result = from::Beginning{};
    } else if (type == "offset") {
        result = from::Offsets{read_offsets(fields, wanted.partitions)};
    } else if (type == "time") {
        result = from::Time{Timestamp(fields.integer("ms", 0, INT64_MAX))};
    } else if (type == "group") {
        group = fields.text("group");
    } else if (type == "live") {
        result = from::Live{};
    } else if (type == "cursor") {
        wanted.cursor = fields.text("token");
    } else {
        fields.wrong("type", "is none of newest, beginning, offset, time, group, live, cursor");
    }
    if (const auto error = fields.error()) return std::unexpected(*error);
    if (type == "group") {
        auto offsets = offsets_of_group(console, visitor, group, topic);
        if (!offsets) return std::unexpected(offsets.error());
        result = from::Offsets{std::move(*offsets)};
    }
    return result;
}

std::expected<broker::ScanTo, ApiError> read_to(const json::object* object, bool is_live, WantedScan& wanted) {
    namespace to = broker::scan_to;
    if (object == nullptr) return is_live ? broker::ScanTo(to::Never{}) : broker::ScanTo(to::End{});
    Fields fields(*object, "to");
    const std::string type = fields.text("type");
    broker::ScanTo result;
    if (type == "end") {
        result = to::End{};
    } else if (type == "offset") {
        result = to::Offsets{read_offsets(fields, wanted.partitions)};
    } else if (type == "time") {
        result = to::Time{Timestamp(fields.integer("ms", 0, INT64_MAX))};
    } else if (type == "none") {
        result = to::Never{};
    } else {
        fields.wrong("type", "is none of end, offset, time, none");
    }
    if (const auto error = fields.error()) return std::unexpected(*error);
    return result;
}

std::expected<std::vector<std::shared_ptr<broker::Partition>>, ApiError> read_partitions(
    Console& console, const broker::TopicState& state, const json::array* list) {
    std::vector<bool> wanted(static_cast<std::size_t>(state.partition_count()), list == nullptr);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        const json::value& index = (*list)[i];
        if (!index.is_int64() || index.get_int64() < 0 || index.get_int64() >= state.partition_count()) {
            return std::unexpected(ApiError{.message = fmt::format("partitions[{}] is no partition of the topic", i)});
        }
        wanted[static_cast<std::size_t>(index.get_int64())] = true;
    }
    std::vector<std::shared_ptr<broker::Partition>> partitions;
    for (std::int32_t i = 0; i < state.partition_count(); ++i) {
        if (!wanted[static_cast<std::size_t>(i)]) continue;
        if (auto partition = console.broker().partitions->find(state.id, PartitionIndex(i)))
            partitions.push_back(std::move(partition));
    }
    return partitions;
}

}  // namespace

std::expected<WantedScan, ApiError> read_scan(Console& console, const Request& visitor, const std::string& topic,
                                              const json::value& body) {
    Fields fields(body);
    WantedScan wanted;
    broker::ScanRequest& scan = wanted.scan;
    scan.limit = fields.integer("limit", 1, limit_max, scan.limit);
    scan.preview.bytes = static_cast<std::size_t>(fields.integer("preview_bytes", 0, preview_bytes_max, 512));
    const std::string isolation = fields.text("isolation", "read_committed");
    scan.isolation =
        isolation == "read_committed" ? broker::ScanIsolation::read_committed : broker::ScanIsolation::read_uncommitted;
    if (isolation != "read_committed" && isolation != "read_uncommitted") {
        fields.wrong("isolation", "must be read_committed or read_uncommitted");
    }
    const json::object* from = fields.object("from");
    const json::value* type = from == nullptr ? nullptr : from->if_contains("type");
    const bool is_newest = from == nullptr || (type != nullptr && *type == "newest");
    const bool is_live = type != nullptr && *type == "live";
    const std::string order = fields.text("order", is_newest ? "desc" : "asc");
    if (order != "asc" && order != "desc") fields.wrong("order", "must be asc or desc");
    scan.order = order == "desc" ? broker::ScanOrder::newest_first : broker::ScanOrder::oldest_first;
    const json::object* to = fields.object("to");
    const json::array* list = fields.array("partitions");
    const json::object* filter_fields = fields.object("filter");
    if (const json::object* budget = fields.object("budget")) {
        Fields entry(*budget, "budget");
        scan.budget.time = std::chrono::milliseconds(entry.integer("ms", 1, budget_ms_max, 10'000));
        scan.budget.bytes = entry.integer("bytes", 1, budget_bytes_max, 268'435'456);
        if (const auto error = entry.error()) return std::unexpected(*error);
    }
    if (const auto error = fields.error()) return std::unexpected(*error);

    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const broker::TopicState* state = image->find_topic(topic);
    if (state == nullptr) return std::unexpected(kafka_error(ErrorCode::unknown_topic_or_partition));
    wanted.topic_id = state->id;
    auto partitions = read_partitions(console, *state, list);
    if (!partitions) return std::unexpected(partitions.error());
    wanted.partitions = std::move(*partitions);
    auto filter = read_filter(filter_fields);
    if (!filter) return std::unexpected(filter.error());
    scan.filter = std::move(*filter);
    auto begins = read_from(console, visitor, topic, from, wanted);
    if (!begins) return std::unexpected(begins.error());
    scan.from = std::move(*begins);
    auto ends = read_to(to, is_live, wanted);
    if (!ends) return std::unexpected(ends.error());
    scan.to = std::move(*ends);
    const bool never_ends = std::holds_alternative<broker::scan_to::Never>(scan.to);
    if (never_ends && scan.order == broker::ScanOrder::newest_first) {
        return std::unexpected(ApiError{.message = "what goes on for ever can only be read oldest first (order: asc)"});
    }
    if (never_ends) scan.budget = {.time = broker::Duration::max(), .bytes = INT64_MAX};
    return wanted;
}

std::string visitor_of(const Request& request) {
    const std::string_view session = find_cookie(request.header("cookie"), "sid");
    return std::string(session.empty() ? std::string_view(request.remote) : session);
}

ApiError too_many_scans() {
    return {.status = 429, .message = "too many scans are running; stop one and try again"};
}

}  // namespace mamba::admin
