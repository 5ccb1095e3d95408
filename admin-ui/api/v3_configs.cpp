// v3: settings of topics, of one broker and of all brokers.
#include <fmt/format.h>

#include <algorithm>

#include "admin-ui/api/config_entries.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/v3.h"

namespace mamba::admin {
namespace {

using broker::ConfigDescription;
using broker::ConfigResource;
using broker::ConfigResourceType;

// Whose settings an address names, and how they are called there.
struct Owner {
    ConfigResource resource;
    std::string_view kind;        // "KafkaTopicConfig"
    std::string_view name_field;  // "topic_name"; empty: all brokers
    std::size_t captures;         // that name the owner; the setting's name is the next
};

Owner topic_owner(Captures captures) {
    return {{ConfigResourceType::topic, captures[0]}, "KafkaTopicConfig", "topic_name", 1};
}
Owner broker_owner(Captures captures) {
    return {{ConfigResourceType::broker, captures[0]}, "KafkaBrokerConfig", "broker_id", 1};
}
Owner all_brokers(Captures) { return {{ConfigResourceType::broker, ""}, "KafkaClusterConfig", "", 0}; }
using FindOwner = Owner (*)(Captures);

// Nothing when it is there, or when what is asked next tells.
std::optional<ApiError> check(Console& console, const Owner& owner) {
    const std::string& id = owner.resource.name;
    if (owner.resource.type != ConfigResourceType::broker || id.empty()) return std::nullopt;
    if (id == std::to_string(console.broker_id().value)) return std::nullopt;
    return ApiError{.status = 404, .message = "Broker " + id + " cannot be found."};
}

json::value text_or_null(const std::optional<std::string>& text) {
    if (!text) return nullptr;
    return text_of(*text);
}

json::object entry_of(const ConfigDescription& description, const Owner& owner, const V3Links& links) {
    const std::string& name = description.value.name;
    const std::string& of = owner.resource.name;
    json::object entry;
    if (owner.resource.type == ConfigResourceType::topic) {
        entry =
            links.item(owner.kind, {"topics", of, "configs", name}, links.resource({{"topic", of}, {"config", name}}));
        entry["topic_name"] = of;
    } else if (!of.empty()) {
        entry = links.item(owner.kind, {"brokers", of, "configs", name},
                           links.resource({{"broker", of}, {"config", name}}));
        entry["broker_id"] = std::stoi(of);
    } else {
        entry = links.item(owner.kind, {"broker-configs", name}, links.resource({{"broker-config", name}}));
        entry["config_type"] = "BROKER";
    }
    json::array synonyms;
    for (const broker::ConfigValue& synonym : description.synonyms) {
        synonyms.push_back(
            {{"name", synonym.name}, {"value", text_or_null(synonym.value)}, {"source", name_of(synonym.source)}});
    }
    entry["name"] = name;
    entry["value"] = text_or_null(description.value.value);
    entry["is_default"] = description.value.source == broker::ConfigSource::defaults;
    entry["is_read_only"] = description.read_only;
    entry["is_sensitive"] = description.is_sensitive;
    entry["source"] = name_of(description.value.source);
    entry["synonyms"] = std::move(synonyms);
    return entry;
}

// All settings, or the one of that name.
std::expected<std::vector<ConfigDescription>, ApiError> describe(Console& console, const Owner& owner,
                                                                 std::optional<std::vector<std::string>> names) {
    if (const auto error = check(console, owner)) return std::unexpected(*error);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    auto described = console.broker().configs->rules().describe(*image, owner.resource, std::move(names));
    if (!described) return std::unexpected(kafka_error(described.error().code, described.error().message));
    return std::move(*described);
}

std::expected<ConfigDescription, ApiError> find(Console& console, const Owner& owner, const std::string& name) {
    const auto described = describe(console, owner, std::vector{name});
    if (!described) return std::unexpected(described.error());
    if (described->empty())
        return std::unexpected(ApiError{.status = 404, .message = "Config " + name + " cannot be found."});
    return described->front();
}

template <FindOwner find_owner>
Response list(Console& console, const Request& request, Captures captures) {
    const Owner owner = find_owner(captures);
    const auto described = describe(console, owner, std::nullopt);
    if (!described) return v3_refuse(described.error());
    const V3Links links(console, request);
    json::array data;
    for (const ConfigDescription& description : *described) data.push_back(entry_of(description, owner, links));
    const std::string kind = std::string(owner.kind) + "List";
    if (owner.captures == 0) return links.list(kind, {"broker-configs"}, std::move(data));
    const bool is_topic = owner.resource.type == ConfigResourceType::topic;
    return links.list(kind, {is_topic ? "topics" : "brokers", owner.resource.name, "configs"}, std::move(data));
}

template <FindOwner find_owner>
Response get(Console& console, const Request& request, Captures captures) {
    const Owner owner = find_owner(captures);
    const auto found = find(console, owner, captures[owner.captures]);
    if (!found) return v3_refuse(found.error());
    return ok(entry_of(*found, owner, V3Links(console, request)));
}

Response alter(Console& console, const Request& request, const Owner& owner, const ConfigEdits& edits) {
    if (const auto error = check(console, owner)) return v3_refuse(*error);
    if (const auto done = alter_configs(console, request, owner.resource, edits); !done) return v3_refuse(done.error());
    return no_content();
}

template <FindOwner find_owner>
Response alter_some(Console& console, const Request& request, Captures captures) {
    const auto edits = read_config_edits(request);
    if (!edits) return v3_refuse(edits.error());
    return alter(console, request, find_owner(captures), *edits);
}

template <FindOwner find_owner>
Response set(Console& console, const Request& request, Captures captures) {
    const Owner owner = find_owner(captures);
    Fields fields(request);
    ConfigEdit edit{.name = captures[owner.captures],
                    .operation = broker::ChangeConfigs::Operation::set,
                    .value = fields.text("value")};
    if (const auto error = fields.error()) return v3_refuse(*error);
    return alter(console, request, owner, {.edits = {std::move(edit)}});
}

template <FindOwner find_owner>
Response reset(Console& console, const Request& request, Captures captures) {
    const Owner owner = find_owner(captures);
    ConfigEdit edit{
        .name = captures[owner.captures], .operation = broker::ChangeConfigs::Operation::remove, .value = {}};
    return alter(console, request, owner, {.edits = {std::move(edit)}});
}

template <FindOwner owner>
void add_routes(const std::string& path, std::string_view describe, std::string_view alter,
                std::vector<V3Route>& routes) {
    routes.push_back({Method::get, path, of_cluster<list<owner>>, false, describe});
    routes.push_back({Method::post, path + ":alter", of_cluster<alter_some<owner>>, true, alter});
    routes.push_back({Method::get, path + "/{name}", of_cluster<get<owner>>, false, describe});
    routes.push_back({Method::put, path + "/{name}", of_cluster<set<owner>>, true, alter});
    routes.push_back({Method::del, path + "/{name}", of_cluster<reset<owner>>, true, alter});
}

}  // namespace

std::vector<Route> v3_config_routes() {
    std::vector<V3Route> routes;
    add_routes<topic_owner>("/topics/{topic}/configs", "DESCRIBE_CONFIGS topic", "ALTER_CONFIGS topic", routes);
    add_routes<broker_owner>("/brokers/{broker}/configs", "DESCRIBE_CONFIGS cluster", "ALTER_CONFIGS cluster", routes);
    add_routes<all_brokers>("/broker-configs", "DESCRIBE_CONFIGS cluster", "ALTER_CONFIGS cluster", routes);
    return mount(routes);
}

}  // namespace mamba::admin
