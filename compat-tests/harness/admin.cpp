#include "compat-tests/harness/admin.h"

#include <functional>
#include <stdexcept>

namespace mamba::compat {
namespace {

struct QueueDeleter {
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct EventDeleter {
    void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct OptionsDeleter {
    void operator()(rd_kafka_AdminOptions_t* options) const {
        rd_kafka_AdminOptions_destroy(options);
    }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueDeleter>;
using Event = std::unique_ptr<rd_kafka_event_t, EventDeleter>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, OptionsDeleter>;

// A request object of librdkafka with the function that frees it.
template <typename T>
using Request = std::unique_ptr<T, void (*)(T*)>;

// Sends by `call`, which gets the options and the queue, and waits for the one answer.
Event ask(rd_kafka_t* client, rd_kafka_admin_op_t operation,
          const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& call,
          bool validate_only = false) {
    const auto limit = static_cast<int>(std::chrono::milliseconds(patience).count());
    char reason[256] = {};
    const Options options(rd_kafka_AdminOptions_new(client, operation));
    rd_kafka_AdminOptions_set_request_timeout(options.get(), limit, reason, sizeof reason);
    if (validate_only) {
        rd_kafka_AdminOptions_set_validate_only(options.get(), 1, reason, sizeof reason);
    }
    const Queue queue(rd_kafka_queue_new(client));
    call(options.get(), queue.get());
    Event event(rd_kafka_queue_poll(queue.get(), limit + 1000));
    if (!event) throw std::runtime_error("an admin call was never answered");
    return event;
}

// The error of the call itself; that of its single result is looked at only when this is none.
std::optional<ErrorName> failure_of(const Event& event) {
    const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    return name_of(error);
}

ErrorName error_of_topic(const Event& event, const rd_kafka_topic_result_t* const* results,
                         std::size_t count) {
    if (const auto failure = failure_of(event)) return *failure;
    if (count != 1) return "no result";
    return name_of(rd_kafka_topic_result_error(results[0]));
}

ErrorName name_of_error(const rd_kafka_error_t* error) {
    return error == nullptr ? no_error : name_of(rd_kafka_error_code(error));
}

}  // namespace

Admin::Admin(const std::string& bootstrap, const Settings& settings)
    : client_(make_client(RD_KAFKA_PRODUCER, bootstrap, settings)) {}

ErrorName Admin::create_topic(const NewTopic& topic) {
    char reason[256] = {};
    const int factor = topic.assignment.empty() ? topic.replication_factor : -1;
    const Request<rd_kafka_NewTopic_t> request(
        rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, factor, reason, sizeof reason),
        &rd_kafka_NewTopic_destroy);
    if (!request) throw std::runtime_error(reason);
    for (const auto& [key, value] : topic.configs) {
        rd_kafka_NewTopic_set_config(request.get(), key.c_str(), value.c_str());
    }
    for (std::size_t i = 0; i < topic.assignment.size(); ++i) {
        std::vector<std::int32_t> replicas = topic.assignment[i];
        rd_kafka_NewTopic_set_replica_assignment(request.get(), static_cast<std::int32_t>(i),
                                                 replicas.data(), replicas.size(), reason,
                                                 sizeof reason);
    }
    rd_kafka_NewTopic_t* list[] = {request.get()};
    const Event event = ask(
        handle(), RD_KAFKA_ADMIN_OP_CREATETOPICS,
        [&](auto* options, auto* queue) {
            rd_kafka_CreateTopics(handle(), list, 1, options, queue);
        },
        topic.validate_only);
    std::size_t count = 0;
    const auto* result = rd_kafka_event_CreateTopics_result(event.get());
    return error_of_topic(event, rd_kafka_CreateTopics_result_topics(result, &count), count);
}

ErrorName Admin::delete_topic(const std::string& name) {
    const Request<rd_kafka_DeleteTopic_t> request(rd_kafka_DeleteTopic_new(name.c_str()),
                                                  &rd_kafka_DeleteTopic_destroy);
    rd_kafka_DeleteTopic_t* list[] = {request.get()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_DELETETOPICS, [&](auto* options, auto* queue) {
            rd_kafka_DeleteTopics(handle(), list, 1, options, queue);
        });
    std::size_t count = 0;
    const auto* result = rd_kafka_event_DeleteTopics_result(event.get());
    return error_of_topic(event, rd_kafka_DeleteTopics_result_topics(result, &count), count);
}

ErrorName Admin::create_partitions(const std::string& topic, int total,
                                   const std::vector<std::vector<std::int32_t>>& assignment) {
    char reason[256] = {};
    const Request<rd_kafka_NewPartitions_t> request(
        rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(total), reason,
                                   sizeof reason),
        &rd_kafka_NewPartitions_destroy);
    if (!request) throw std::runtime_error(reason);
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        std::vector<std::int32_t> replicas = assignment[i];
        rd_kafka_NewPartitions_set_replica_assignment(request.get(), static_cast<std::int32_t>(i),
                                                      replicas.data(), replicas.size(), reason,
                                                      sizeof reason);
    }
    rd_kafka_NewPartitions_t* list[] = {request.get()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, [&](auto* options, auto* queue) {
            rd_kafka_CreatePartitions(handle(), list, 1, options, queue);
        });
    std::size_t count = 0;
    const auto* result = rd_kafka_event_CreatePartitions_result(event.get());
    return error_of_topic(event, rd_kafka_CreatePartitions_result_topics(result, &count), count);
}

ErrorName Admin::alter_configs(rd_kafka_ResourceType_t type, const std::string& name,
                               const Settings& configs, bool validate_only) {
    const Request<rd_kafka_ConfigResource_t> request(
        rd_kafka_ConfigResource_new(type, name.c_str()), &rd_kafka_ConfigResource_destroy);
    for (const auto& [key, value] : configs) {
        rd_kafka_ConfigResource_set_config(request.get(), key.c_str(), value.c_str());
    }
    rd_kafka_ConfigResource_t* list[] = {request.get()};
    const Event event = ask(
        handle(), RD_KAFKA_ADMIN_OP_ALTERCONFIGS,
        [&](auto* options, auto* queue) {
            rd_kafka_AlterConfigs(handle(), list, 1, options, queue);
        },
        validate_only);
    if (const auto failure = failure_of(event)) return *failure;
    std::size_t count = 0;
    const rd_kafka_ConfigResource_t** resources = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(event.get()), &count);
    return count == 1 ? name_of(rd_kafka_ConfigResource_error(resources[0])) : "no result";
}

Admin::Configs Admin::describe_configs(rd_kafka_ResourceType_t type, const std::string& name) {
    const Request<rd_kafka_ConfigResource_t> request(
        rd_kafka_ConfigResource_new(type, name.c_str()), &rd_kafka_ConfigResource_destroy);
    rd_kafka_ConfigResource_t* list[] = {request.get()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](auto* options, auto* queue) {
            rd_kafka_DescribeConfigs(handle(), list, 1, options, queue);
        });
    if (const auto failure = failure_of(event)) return {*failure, {}};
    std::size_t count = 0;
    const rd_kafka_ConfigResource_t** resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    if (count != 1) return {"no result", {}};
    Configs result{name_of(rd_kafka_ConfigResource_error(resources[0])), {}};
    std::size_t entries_count = 0;
    const rd_kafka_ConfigEntry_t** entries =
        rd_kafka_ConfigResource_configs(resources[0], &entries_count);
    for (std::size_t i = 0; i < entries_count; ++i) {
        const char* value = rd_kafka_ConfigEntry_value(entries[i]);
        result.entries[rd_kafka_ConfigEntry_name(entries[i])] = {
            .value = value == nullptr ? "" : value,
            .is_default = rd_kafka_ConfigEntry_is_default(entries[i]) == 1,
            .is_read_only = rd_kafka_ConfigEntry_is_read_only(entries[i]) == 1,
            .is_sensitive = rd_kafka_ConfigEntry_is_sensitive(entries[i]) == 1};
    }
    return result;
}

Admin::LowWatermark Admin::delete_records(const std::string& topic, std::int32_t partition,
                                          std::int64_t before) {
    const PartitionList offsets = to_list({{{topic, partition}, before}});
    const Request<rd_kafka_DeleteRecords_t> request(rd_kafka_DeleteRecords_new(offsets.get()),
                                                    &rd_kafka_DeleteRecords_destroy);
    rd_kafka_DeleteRecords_t* list[] = {request.get()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_DELETERECORDS, [&](auto* options, auto* queue) {
            rd_kafka_DeleteRecords(handle(), list, 1, options, queue);
        });
    if (const auto failure = failure_of(event)) return {*failure};
    const rd_kafka_topic_partition_list_t* result =
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
    if (result->cnt != 1) return {"no result"};
    return {name_of(result->elems[0].err), result->elems[0].offset};
}

ErrorName Admin::delete_group(const std::string& group) {
    const Request<rd_kafka_DeleteGroup_t> request(rd_kafka_DeleteGroup_new(group.c_str()),
                                                  &rd_kafka_DeleteGroup_destroy);
    rd_kafka_DeleteGroup_t* list[] = {request.get()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_DELETEGROUPS, [&](auto* options, auto* queue) {
            rd_kafka_DeleteGroups(handle(), list, 1, options, queue);
        });
    if (const auto failure = failure_of(event)) return *failure;
    std::size_t count = 0;
    const rd_kafka_group_result_t** groups = rd_kafka_DeleteGroups_result_groups(
        rd_kafka_event_DeleteGroups_result(event.get()), &count);
    return count == 1 ? name_of_error(rd_kafka_group_result_error(groups[0])) : "no result";
}

ErrorName Admin::delete_group_offsets(const std::string& group,
                                      const std::vector<TopicPartition>& partitions) {
    Offsets wanted;
    for (const TopicPartition& partition : partitions) wanted[partition] = RD_KAFKA_OFFSET_INVALID;
    const Request<rd_kafka_DeleteConsumerGroupOffsets_t> request(
        rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), to_list(wanted).get()),
        &rd_kafka_DeleteConsumerGroupOffsets_destroy);
    rd_kafka_DeleteConsumerGroupOffsets_t* list[] = {request.get()};
    const Event event = ask(
        handle(), RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, [&](auto* options, auto* queue) {
            rd_kafka_DeleteConsumerGroupOffsets(handle(), list, 1, options, queue);
        });
    if (const auto failure = failure_of(event)) return *failure;
    std::size_t count = 0;
    const rd_kafka_group_result_t** groups = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
        rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count);
    if (count != 1) return "no result";
    if (const auto* error = rd_kafka_group_result_error(groups[0])) return name_of_error(error);
    ErrorName error = no_error;
    from_list(rd_kafka_group_result_partitions(groups[0]), &error);
    return error;
}

std::map<std::string, std::string> Admin::list_groups() {
    const Event event = ask(
        handle(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
        [&](auto* options, auto* queue) { rd_kafka_ListConsumerGroups(handle(), options, queue); });
    std::map<std::string, std::string> groups;
    if (failure_of(event)) return groups;
    std::size_t count = 0;
    const rd_kafka_ConsumerGroupListing_t** listings = rd_kafka_ListConsumerGroups_result_valid(
        rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        groups[rd_kafka_ConsumerGroupListing_group_id(listings[i])] =
            rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(listings[i]));
    }
    return groups;
}

Admin::Group Admin::describe_group(const std::string& group) {
    const char* list[] = {group.c_str()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, [&](auto* options, auto* queue) {
            rd_kafka_DescribeConsumerGroups(handle(), list, 1, options, queue);
        });
    if (const auto failure = failure_of(event)) return {*failure, {}, {}, {}};
    std::size_t count = 0;
    const rd_kafka_ConsumerGroupDescription_t** groups =
        rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
    if (count != 1) return {"no result", {}, {}, {}};
    Group result{
        name_of_error(rd_kafka_ConsumerGroupDescription_error(groups[0])),
        rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(groups[0])),
        rd_kafka_ConsumerGroupDescription_partition_assignor(groups[0]),
        {}};
    for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); ++i) {
        const auto* member = rd_kafka_ConsumerGroupDescription_member(groups[0], i);
        const char* instance = rd_kafka_MemberDescription_group_instance_id(member);
        GroupMember entry{
            rd_kafka_MemberDescription_client_id(member), instance == nullptr ? "" : instance, {}};
        const auto* assignment = rd_kafka_MemberDescription_assignment(member);
        for (const auto& [partition, offset] :
             from_list(rd_kafka_MemberAssignment_partitions(assignment))) {
            entry.assignment.push_back(partition);
        }
        result.members.push_back(std::move(entry));
    }
    return result;
}

Admin::GroupOffsets Admin::list_group_offsets(const std::string& group) {
    const Request<rd_kafka_ListConsumerGroupOffsets_t> request(
        rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr),
        &rd_kafka_ListConsumerGroupOffsets_destroy);
    rd_kafka_ListConsumerGroupOffsets_t* list[] = {request.get()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, [&](auto* options, auto* queue) {
            rd_kafka_ListConsumerGroupOffsets(handle(), list, 1, options, queue);
        });
    if (const auto failure = failure_of(event)) return {*failure, {}};
    std::size_t count = 0;
    const rd_kafka_group_result_t** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
    if (count != 1) return {"no result", {}};
    return {name_of_error(rd_kafka_group_result_error(groups[0])),
            from_list(rd_kafka_group_result_partitions(groups[0]))};
}

Admin::GroupOffsets Admin::alter_group_offsets(const std::string& group, const Offsets& offsets) {
    const Request<rd_kafka_AlterConsumerGroupOffsets_t> request(
        rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), to_list(offsets).get()),
        &rd_kafka_AlterConsumerGroupOffsets_destroy);
    rd_kafka_AlterConsumerGroupOffsets_t* list[] = {request.get()};
    const Event event =
        ask(handle(), RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, [&](auto* options, auto* queue) {
            rd_kafka_AlterConsumerGroupOffsets(handle(), list, 1, options, queue);
        });
    if (const auto failure = failure_of(event)) return {*failure, {}};
    std::size_t count = 0;
    const rd_kafka_group_result_t** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
    if (count != 1) return {"no result", {}};
    GroupOffsets result{name_of_error(rd_kafka_group_result_error(groups[0])), {}};
    ErrorName first = no_error;
    result.offsets = from_list(rd_kafka_group_result_partitions(groups[0]), &first);
    if (result.error == no_error) result.error = first;
    return result;
}

std::map<std::string, int> Admin::topics() {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(handle(), 1, nullptr, &metadata,
                          static_cast<int>(std::chrono::milliseconds(patience).count())) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        return {};
    }
    std::map<std::string, int> result;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
        result[metadata->topics[i].topic] = metadata->topics[i].partition_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    return result;
}

}  // namespace mamba::compat
