#include "admin-ui/live_frames.h"

#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/console.h"

namespace mamba::admin {
namespace {

constexpr std::string_view topic_prefix = "topic:";
constexpr std::string_view group_prefix = "group:";
constexpr std::string_view broker_prefix = "broker:";
constexpr std::size_t made_max = 256;  // channels; older ones are made again when asked for

json::object cluster_frame(Console& console, const Sample& sample) {
    json::object tiles;
    for (const TileValue& tile : tile_values(console, sample)) tiles[tile.id] = shown(tile.value);
    json::object brokers;
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    for (const auto& [id, broker] : image->brokers()) brokers[std::to_string(id.value)] = broker_live(console, broker);
    return {{"tiles", std::move(tiles)},
            {"findings", findings_array(sample)},
            {"verdict", verdict_of(sample)},
            {"brokers", std::move(brokers)},
            {"latency", latency_now(console, sample)}};
}

template <class Item, class Live>
json::object rows_of(const std::vector<Item>& items, Live live) {
    json::object rows;
    rows.reserve(items.size());
    for (const Item& item : items) rows[text_of(item.name)] = live(item);
    return {{"rows", std::move(rows)}};
}

LiveFrames::Frame make(Console& console, const Sample& sample, std::string_view channel) {
    const auto share = [](json::object frame) { return std::make_shared<const json::object>(std::move(frame)); };
    if (channel == "cluster") return share(cluster_frame(console, sample));
    if (channel == "topics") return share(rows_of(sample.topics, topic_live));
    if (channel == "groups") return share(rows_of(sample.groups, group_live));
    if (channel == "clients") return share({{"connections", sample.connections}});
    if (channel == "waiting") return share({{"data", waiting_array(console)}});
    if (channel.starts_with(topic_prefix)) {
        const TopicSample* topic = sample.find(channel.substr(topic_prefix.size()));
        if (topic == nullptr) return nullptr;
        json::object frame = topic_live(*topic);
        frame["partitions"] = partitions_live(console, sample, *topic);
        return share(std::move(frame));
    }
    if (channel.starts_with(group_prefix)) {
        const GroupSample* group = sample.find_group(channel.substr(group_prefix.size()));
        return group == nullptr ? nullptr : share(group_live(*group));
    }
    if (channel.starts_with(broker_prefix)) {
        const auto id = read_number(channel.substr(broker_prefix.size()));
        if (!id || *id > INT32_MAX) return nullptr;
        const broker::ClusterImagePtr image = console.broker().metadata->image();
        const auto* registration = image->find_broker(BrokerId(static_cast<std::int32_t>(*id)));
        return registration == nullptr ? nullptr : share(broker_live(console, *registration));
    }
    return nullptr;
}

}  // namespace

bool LiveFrames::is_channel(std::string_view channel) {
    for (const std::string_view whole : {"cluster", "topics", "groups", "clients", "waiting"}) {
        if (channel == whole) return true;
    }
    for (const std::string_view prefix : {topic_prefix, group_prefix, broker_prefix}) {
        if (channel.starts_with(prefix)) return true;
    }
    return false;
}

LiveFrames::Frame LiveFrames::at(Console& console, const Sample& sample, const std::string& channel) {
    {
        const std::lock_guard lock(mutex_);
        const auto made = made_.find(channel);
        if (made != made_.end() && made->second.number == sample.number) return made->second.frame;
    }
    // Without the mutex: two may make the same now and then, but nobody waits for who asks the io threads.
    Frame frame = make(console, sample, channel);
    const std::lock_guard lock(mutex_);
    if (made_.size() >= made_max) made_.clear();
    made_[channel] = {sample.number, frame};
    return frame;
}

json::object changes_between(const json::object& before, const json::object& now) {
    json::object changes;
    for (const auto& field : now) {
        const json::value* old = before.if_contains(field.key());
        if (old != nullptr && *old == field.value()) continue;
        if (old != nullptr && old->is_object() && field.value().is_object()) {
            changes[field.key()] = changes_between(old->get_object(), field.value().get_object());
        } else {
            changes[field.key()] = field.value();
        }
    }
    return changes;
}

}  // namespace mamba::admin
