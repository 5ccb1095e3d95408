// The controller's decisions about settings.
#include <algorithm>
#include <map>

#include "broker/metadata/controller.h"

namespace mamba::broker {
namespace {

using Edit = ChangeConfigs::Edit;
using Operation = ChangeConfigs::Operation;

// The items between commas as they stand, without the empty ones at the end; an empty text is one
// empty item. Kafka's split is Java's, so an empty item that is appended is refused like others.
std::vector<std::string_view> split(std::string_view list) {
    std::vector<std::string_view> items;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t comma = std::min(list.find(',', begin), list.size());
        items.push_back(list.substr(begin, comma - begin));
        begin = comma + 1;
    }
    while (items.size() > 1 && items.back().empty()) items.pop_back();
    return items;
}

std::string join(const std::vector<std::string_view>& items) {
    std::string list;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) list += ',';
        list += items[i];
    }
    return list;
}

Refusal check_target(const ClusterImage& image, const ConfigResource& resource) {
    if (resource.type == ConfigResourceType::topic && image.find_topic(resource.name) == nullptr) {
        return {ErrorCode::unknown_topic_or_partition,
                "The topic '" + resource.name + "' does not exist."};
    }
    return {};
}

Refusal apply_edit(const ConfigResource& resource, const Edit& edit, const ConfigRules& rules,
                   ConfigMap& values) {
    if (edit.operation == Operation::remove) {
        if (const auto at = values.find(edit.name); at != values.end()) values.erase(at);
        return {};
    }
    if (!edit.value) {
        return {ErrorCode::invalid_config, "Null value not supported for : " + edit.name};
    }
    if (edit.operation == Operation::set) {
        values.insert_or_assign(edit.name, *edit.value);
        return {};
    }
    const bool appends = edit.operation == Operation::append;
    if (!rules.is_list(resource.type, edit.name)) {
        return {ErrorCode::invalid_config, std::string("Can't ") +
                                               (appends ? "APPEND" : "SUBTRACT") + " to key " +
                                               edit.name + " because its type is not LIST."};
    }
    const auto at = values.find(edit.name);
    const std::string before = at != values.end()
                                   ? at->second
                                   : rules.default_value(resource.type, edit.name).value_or("");
    std::vector<std::string_view> items = split(before);
    std::erase(items, "");
    for (const std::string_view item : split(*edit.value)) {
        if (!appends) {
            std::erase(items, item);
        } else if (std::ranges::find(items, item) == items.end()) {
            items.push_back(item);
        }
    }
    values.insert_or_assign(edit.name, join(items));
    return {};
}

}  // namespace

Decision<ChangeConfigs::Answer> Controller::decide(const ClusterImage& image,
                                                   const ChangeConfigs& event) {
    Decision<ChangeConfigs::Answer> decision;
    std::map<ConfigResource, int> times;
    for (const auto& target : event.resources) ++times[target.resource];

    for (const auto& target : event.resources) {
        const ConfigResource& resource = target.resource;
        Refusal& refusal = decision.answer.emplace_back();
        if (times.at(resource) > 1) {
            refusal = {ErrorCode::invalid_request, "Each resource must appear at most once."};
            continue;
        }

        const ConfigMap& before = image.configs(resource.type, resource.name);
        ConfigMap values = target.replaces_all ? ConfigMap{} : before;
        std::map<std::string_view, int> edits;
        for (const Edit& edit : target.edits) {
            if (++edits[edit.name] > 1) {
                refusal = {ErrorCode::invalid_request,
                           "Error due to duplicate config keys : " + edit.name};
                break;
            }
            refusal = apply_edit(resource, edit, *rules_, values);
            if (refusal) break;
        }
        if (!refusal) refusal = rules_->check(resource, before, values);
        if (!refusal) refusal = check_target(image, resource);
        if (refusal || event.validate_only || values == before) continue;
        decision.changes.push_back(ConfigsSet{resource, std::move(values)});
    }
    return decision;
}

}  // namespace mamba::broker
