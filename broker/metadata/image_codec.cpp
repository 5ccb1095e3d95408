#include "broker/metadata/image_codec.h"

#include <boost/json.hpp>
#include <charconv>
#include <cstdint>
#include <limits>

namespace mamba::broker {
namespace {

namespace json = boost::json;

constexpr std::int64_t value_version = 1;

constexpr std::string_view cluster_id_key = "cluster-id";
constexpr std::string_view producer_ids_key = "producer-ids";
constexpr std::string_view brokers_prefix = "brokers/";
constexpr std::string_view topics_prefix = "topics/";
constexpr std::string_view configs_prefix = "configs/";
constexpr std::string_view features_prefix = "features/";

struct ResourceTypeName {
    ConfigResourceType type;
    std::string_view name;
};
constexpr ResourceTypeName resource_type_names[] = {
    {ConfigResourceType::topic, "topic"},
    {ConfigResourceType::broker, "broker"},
    {ConfigResourceType::broker_logger, "broker-logger"},
    {ConfigResourceType::client_metrics, "client-metrics"},
    {ConfigResourceType::group, "group"},
};

std::string_view name_of(ConfigResourceType type) {
    for (const auto& entry : resource_type_names) {
        if (entry.type == type) return entry.name;
    }
    return "unknown";
}

std::string with_prefix(std::string_view prefix, std::string_view rest) {
    std::string key(prefix);
    return key.append(rest);
}

json::array ids_to_json(const std::vector<BrokerId>& ids) {
    json::array out;
    out.reserve(ids.size());
    for (const BrokerId id : ids) out.push_back(id.value);
    return out;
}

struct Encoder {
    StoreWrite operator()(const ClusterIdSet& change) const {
        return write(cluster_id_key, {{"v", value_version}, {"id", change.cluster_id}});
    }
    StoreWrite operator()(const BrokerSet& change) const {
        json::array endpoints;
        for (const Endpoint& endpoint : change.broker.endpoints) {
            endpoints.push_back(json::array{endpoint.listener, endpoint.security_protocol,
                                            endpoint.host, endpoint.port});
        }
        json::object value{{"v", value_version}, {"endpoints", std::move(endpoints)}};
        if (change.broker.rack) value["rack"] = *change.broker.rack;
        return write(broker_key(change.broker.id), std::move(value));
    }
    StoreWrite operator()(const BrokerRemoved& change) const {
        return remove(broker_key(change.id));
    }
    StoreWrite operator()(const TopicSet& change) const {
        json::array partitions;
        partitions.reserve(change.topic->partitions.size());
        for (const PartitionState& partition : change.topic->partitions) {
            partitions.push_back(json::array{
                ids_to_json(partition.replicas), ids_to_json(partition.isr), partition.leader.value,
                partition.leader_epoch.value, partition.partition_epoch});
        }
        json::object value{{"v", value_version},
                           {"id", change.topic->id.to_string()},
                           {"partitions", std::move(partitions)}};
        if (change.topic->created != no_timestamp) value["created"] = change.topic->created.value;
        return write(with_prefix(topics_prefix, change.topic->name), std::move(value));
    }
    StoreWrite operator()(const TopicRemoved& change) const {
        return remove(with_prefix(topics_prefix, change.name));
    }
    StoreWrite operator()(const ConfigsSet& change) const {
        const std::string key =
            with_prefix(configs_prefix, name_of(change.resource.type)) + "/" + change.resource.name;
        if (change.values.empty()) return remove(key);
        json::object set;
        for (const auto& [name, value] : change.values) set[name] = value;
        return write(key, {{"v", value_version}, {"set", std::move(set)}});
    }
    StoreWrite operator()(const ProducerIdsSet& change) const {
        return write(producer_ids_key, {{"v", value_version}, {"next", change.next.value}});
    }
    StoreWrite operator()(const FeatureSet& change) const {
        const std::string key = with_prefix(features_prefix, change.name);
        if (change.level == 0) return remove(key);
        return write(key, {{"v", value_version}, {"level", change.level}});
    }

private:
    static StoreWrite write(std::string_view key, json::object value) {
        return {std::string(key), json::serialize(value)};
    }
    static StoreWrite remove(std::string_view key) { return {std::string(key), std::nullopt}; }
    static std::string broker_key(BrokerId id) {
        return with_prefix(brokers_prefix, std::to_string(id.value));
    }
};

// Reads members of a JSON value; the first thing that is not as it should be sticks in `fault`.
class ValueReader {
public:
    explicit ValueReader(std::string& fault) : fault_(fault) {}

    const json::value* member(const json::object& object, std::string_view name) {
        const json::value* found = object.if_contains(name);
        if (found == nullptr) fail("has no member '" + std::string(name) + "'");
        return found;
    }
    template <class Int>
    Int integer(const json::value* value) {
        const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
        if (number == nullptr || *number < std::numeric_limits<Int>::min() ||
            *number > std::numeric_limits<Int>::max()) {
            fail("holds no number where one belongs, or one that is too large");
            return 0;
        }
        return static_cast<Int>(*number);
    }
    std::string text(const json::value* value) {
        const json::string* string = value == nullptr ? nullptr : value->if_string();
        if (string == nullptr) {
            fail("holds no text where one belongs");
            return {};
        }
        return std::string(string->data(), string->size());
    }
    // Empty when it is not an array of `size` elements, or of any number when `size` is 0.
    const json::array& array(const json::value* value, std::size_t size = 0) {
        static const json::array none;
        const json::array* found = value == nullptr ? nullptr : value->if_array();
        if (found == nullptr || (size != 0 && found->size() != size)) {
            fail("holds no list where one belongs, or one of the wrong length");
            return none;
        }
        return *found;
    }
    std::vector<BrokerId> ids(const json::value* value) {
        std::vector<BrokerId> out;
        for (const json::value& id : array(value))
            out.push_back(BrokerId(integer<std::int32_t>(&id)));
        return out;
    }
    void fail(std::string what) {
        if (fault_.empty()) fault_ = std::move(what);
    }
    bool ok() const { return fault_.empty(); }

private:
    std::string& fault_;
};

Change decode_broker(ValueReader& in, BrokerId id, const json::object& value) {
    BrokerSet change;
    change.broker.id = id;
    for (const json::value& element : in.array(in.member(value, "endpoints"))) {
        const json::array& fields = in.array(&element, 4);
        if (!in.ok()) break;
        change.broker.endpoints.push_back({in.text(&fields[0]), in.text(&fields[1]),
                                           in.text(&fields[2]),
                                           in.integer<std::int32_t>(&fields[3])});
    }
    if (value.contains("rack")) change.broker.rack = in.text(in.member(value, "rack"));
    return change;
}

Change decode_topic(ValueReader& in, std::string_view name, const json::object& value) {
    auto topic = std::make_shared<TopicState>();
    topic->name = name;
    if (!Uuid::parse(in.text(in.member(value, "id")), topic->id)) in.fail("holds no topic id");
    const json::array& partitions = in.array(in.member(value, "partitions"));
    if (partitions.empty()) in.fail("is a topic without partitions");
    topic->partitions.reserve(partitions.size());
    for (const json::value& element : partitions) {
        const json::array& fields = in.array(&element, 5);
        if (!in.ok()) break;
        topic->partitions.push_back({in.ids(&fields[0]), in.ids(&fields[1]),
                                     BrokerId(in.integer<std::int32_t>(&fields[2])),
                                     LeaderEpoch(in.integer<std::int32_t>(&fields[3])),
                                     in.integer<std::int32_t>(&fields[4])});
    }
    if (value.contains("created"))
        topic->created = Timestamp(in.integer<std::int64_t>(in.member(value, "created")));
    return TopicSet{std::move(topic)};
}

Change decode_configs(ValueReader& in, ConfigResource resource, const json::object& value) {
    ConfigsSet change{std::move(resource), {}};
    const json::value* member = in.member(value, "set");
    const json::object* set = member == nullptr ? nullptr : member->if_object();
    if (set == nullptr) {
        in.fail("holds no settings");
        return change;
    }
    for (const auto& entry : *set) {
        const std::string_view name(entry.key().data(), entry.key().size());
        change.values.insert_or_assign(std::string(name), in.text(&entry.value()));
    }
    return change;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool parse_id(std::string_view text, BrokerId& out) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out.value);
    return error == std::errc{} && stop == end && out.value >= 0;
}

std::optional<ConfigResource> parse_resource(std::string_view rest) {
    for (const auto& entry : resource_type_names) {
        std::string_view name = rest;
        if (take_prefix(name, entry.name) && take_prefix(name, "/"))
            return ConfigResource{entry.type, std::string(name)};
    }
    return std::nullopt;
}

// `object` is null for a deletion. Sets a fault for a key that no writer of ours makes.
Change decode_parts(ValueReader& in, std::string_view key, const json::object* object) {
    std::string_view rest = key;
    if (key == cluster_id_key && object != nullptr) {
        return ClusterIdSet{in.text(in.member(*object, "id"))};
    }
    if (key == producer_ids_key && object != nullptr) {
        return ProducerIdsSet{ProducerId(in.integer<std::int64_t>(in.member(*object, "next")))};
    }
    if (take_prefix(rest, brokers_prefix)) {
        BrokerId id;
        if (!parse_id(rest, id)) {
            in.fail("names no broker id");
        } else if (object == nullptr) {
            return BrokerRemoved{id};
        } else {
            return decode_broker(in, id, *object);
        }
    } else if (take_prefix(rest, topics_prefix)) {
        if (object == nullptr) return TopicRemoved{std::string(rest)};
        return decode_topic(in, rest, *object);
    } else if (take_prefix(rest, configs_prefix)) {
        const auto resource = parse_resource(rest);
        if (!resource) {
            in.fail("names no kind of resource");
        } else if (object == nullptr) {
            return ConfigsSet{*resource, {}};
        } else {
            return decode_configs(in, *resource, *object);
        }
    } else if (take_prefix(rest, features_prefix)) {
        if (object == nullptr) return FeatureSet{std::string(rest), 0};
        return FeatureSet{std::string(rest), in.integer<std::int16_t>(in.member(*object, "level"))};
    }
    in.fail("is not a key of ours");
    return ClusterIdSet{};
}

}  // namespace

StoreWrite encode(const Change& change) {
    return std::visit(Encoder{}, change);
}

std::expected<Change, std::string> decode(std::string_view key,
                                          const std::optional<std::string>& value) {
    std::string fault;
    ValueReader in(fault);
    json::value parsed;
    const json::object* object = nullptr;
    if (value) {
        boost::system::error_code error;
        parsed = json::parse(json::string_view(value->data(), value->size()), error);
        object = error ? nullptr : parsed.if_object();
        if (object == nullptr) {
            in.fail("is not a JSON object");
        } else if (in.integer<std::int64_t>(in.member(*object, "v")) != value_version) {
            in.fail("was written by a newer version of this program");
        }
    }
    if (!in.ok()) return std::unexpected("metadata key '" + std::string(key) + "' " + fault);
    Change change = decode_parts(in, key, object);
    if (!in.ok()) return std::unexpected("metadata key '" + std::string(key) + "' " + fault);
    return change;
}

}  // namespace mamba::broker
