// Administration, by the interface in C: that in C++ has none.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "environment.h"

namespace jobs {

// An object of the C interface with the function that frees it.
template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

class Admin {
public:
    Admin() : client_(nullptr, nullptr) {
        std::string reason;
        client_ = {RdKafka::Producer::create(configuration({}).get(), reason),
                   [](RdKafka::Producer* producer) { delete producer; }};
        expect(client_ != nullptr, reason);
    }

    rd_kafka_resp_err_t create(const std::string& topic, int partitions,
                               const Settings& configs = {}) {
        char reason[256] = {};
        const Owned<rd_kafka_NewTopic_t> request(
            rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, reason, sizeof reason),
            &rd_kafka_NewTopic_destroy);
        for (const auto& [key, value] : configs) {
            rd_kafka_NewTopic_set_config(request.get(), key.c_str(), value.c_str());
        }
        return topic_call(request.get(), &rd_kafka_CreateTopics, &rd_kafka_event_CreateTopics_result,
                          &rd_kafka_CreateTopics_result_topics);
    }

    rd_kafka_resp_err_t remove(const std::string& topic) {
        const Owned<rd_kafka_DeleteTopic_t> request(rd_kafka_DeleteTopic_new(topic.c_str()),
                                                    &rd_kafka_DeleteTopic_destroy);
        return topic_call(request.get(), &rd_kafka_DeleteTopics, &rd_kafka_event_DeleteTopics_result,
                          &rd_kafka_DeleteTopics_result_topics);
    }

    rd_kafka_resp_err_t add_partitions(const std::string& topic, std::size_t total) {
        char reason[256] = {};
        const Owned<rd_kafka_NewPartitions_t> request(
            rd_kafka_NewPartitions_new(topic.c_str(), total, reason, sizeof reason),
            &rd_kafka_NewPartitions_destroy);
        return topic_call(request.get(), &rd_kafka_CreatePartitions,
                          &rd_kafka_event_CreatePartitions_result,
                          &rd_kafka_CreatePartitions_result_topics);
    }

    rd_kafka_resp_err_t alter_config(const std::string& topic, const char* key, const char* value) {
        const Owned<rd_kafka_ConfigResource_t> resource(
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
            &rd_kafka_ConfigResource_destroy);
        rd_kafka_ConfigResource_set_config(resource.get(), key, value);
        const auto event = ask(resource.get(), &rd_kafka_AlterConfigs);
        std::size_t count = 0;
        return rd_kafka_ConfigResource_error(rd_kafka_AlterConfigs_result_resources(
            rd_kafka_event_AlterConfigs_result(event.get()), &count)[0]);
    }

    std::string config(const std::string& topic, const std::string& key) {
        const Owned<rd_kafka_ConfigResource_t> resource(
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
            &rd_kafka_ConfigResource_destroy);
        const auto event = ask(resource.get(), &rd_kafka_DescribeConfigs);
        std::size_t count = 0;
        const auto* described = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event.get()), &count)[0];
        const auto* entries = rd_kafka_ConfigResource_configs(described, &count);
        for (std::size_t i = 0; i < count; ++i) {
            if (key == rd_kafka_ConfigEntry_name(entries[i])) {
                return rd_kafka_ConfigEntry_value(entries[i]);
            }
        }
        return {};
    }

    struct Description {
        RdKafka::ErrorCode error;
        std::size_t partitions;
        bool is_led;  // each partition has a leader
    };

    Description describe(const std::string& topic) {
        std::string reason;
        const std::unique_ptr<RdKafka::Topic> asked(
            RdKafka::Topic::create(client_.get(), topic, nullptr, reason));
        RdKafka::Metadata* answer = nullptr;
        expect_ok("metadata", client_->metadata(false, asked.get(), &answer, call_ms_max));
        const std::unique_ptr<RdKafka::Metadata> metadata(answer);
        const auto* found = metadata->topics()->at(0);
        return {found->err(), found->partitions()->size(),
                std::ranges::all_of(*found->partitions(),
                                    [](const auto* one) { return one->leader() >= 0; })};
    }

    bool is_listed(const std::string& topic) {
        RdKafka::Metadata* answer = nullptr;
        expect_ok("metadata", client_->metadata(true, nullptr, &answer, call_ms_max));
        const std::unique_ptr<RdKafka::Metadata> metadata(answer);
        return std::ranges::any_of(*metadata->topics(),
                                   [&](const auto* one) { return one->topic() == topic; });
    }

    rd_kafka_resp_err_t delete_records(const std::string& topic, std::int64_t before) {
        const Owned<rd_kafka_topic_partition_list_t> offsets(rd_kafka_topic_partition_list_new(1),
                                                             &rd_kafka_topic_partition_list_destroy);
        rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), 0)->offset = before;
        const Owned<rd_kafka_DeleteRecords_t> request(rd_kafka_DeleteRecords_new(offsets.get()),
                                                      &rd_kafka_DeleteRecords_destroy);
        const auto event = ask(request.get(), &rd_kafka_DeleteRecords);
        return rd_kafka_DeleteRecords_result_offsets(
                   rd_kafka_event_DeleteRecords_result(event.get()))
            ->elems[0]
            .err;
    }

    std::set<std::string> groups() {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle()), &rd_kafka_queue_destroy);
        rd_kafka_ListConsumerGroups(handle(), nullptr, queue.get());
        const auto event = answer(queue.get());
        std::size_t count = 0;
        const auto* listed = rd_kafka_ListConsumerGroups_result_valid(
            rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
        std::set<std::string> names;
        for (std::size_t i = 0; i < count; ++i) {
            names.insert(rd_kafka_ConsumerGroupListing_group_id(listed[i]));
        }
        return names;
    }

    struct GroupDescription {
        rd_kafka_consumer_group_state_t state;
        std::vector<std::string> client_ids;
        int assigned;  // the partitions of the first member
    };

    GroupDescription describe_group(const std::string& group) {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle()), &rd_kafka_queue_destroy);
        const char* names[] = {group.c_str()};
        rd_kafka_DescribeConsumerGroups(handle(), names, 1, nullptr, queue.get());
        const auto event = answer(queue.get());
        std::size_t count = 0;
        const auto* described = rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count)[0];
        GroupDescription result{rd_kafka_ConsumerGroupDescription_state(described), {}, 0};
        for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(described); ++i) {
            const auto* member = rd_kafka_ConsumerGroupDescription_member(described, i);
            result.client_ids.push_back(rd_kafka_MemberDescription_client_id(member));
            result.assigned += rd_kafka_MemberAssignment_partitions(
                                   rd_kafka_MemberDescription_assignment(member))
                                   ->cnt;
        }
        return result;
    }

    std::map<std::int32_t, std::int64_t> group_offsets(const std::string& group) {
        const Owned<rd_kafka_ListConsumerGroupOffsets_t> request(
            rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr),
            &rd_kafka_ListConsumerGroupOffsets_destroy);
        const auto event = ask(request.get(), &rd_kafka_ListConsumerGroupOffsets);
        std::size_t count = 0;
        const auto* offsets =
            rd_kafka_group_result_partitions(rd_kafka_ListConsumerGroupOffsets_result_groups(
                rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count)[0]);
        std::map<std::int32_t, std::int64_t> result;
        for (int i = 0; i < offsets->cnt; ++i) {
            result[offsets->elems[i].partition] = offsets->elems[i].offset;
        }
        return result;
    }

    rd_kafka_resp_err_t delete_group(const std::string& group) {
        const Owned<rd_kafka_DeleteGroup_t> request(rd_kafka_DeleteGroup_new(group.c_str()),
                                                    &rd_kafka_DeleteGroup_destroy);
        const auto event = ask(request.get(), &rd_kafka_DeleteGroups);
        std::size_t count = 0;
        return rd_kafka_error_code(rd_kafka_group_result_error(rd_kafka_DeleteGroups_result_groups(
            rd_kafka_event_DeleteGroups_result(event.get()), &count)[0]));
    }

    rd_kafka_resp_err_t delete_group_offsets(const std::string& group, const std::string& topic,
                                             int partitions) {
        const Owned<rd_kafka_topic_partition_list_t> list(
            rd_kafka_topic_partition_list_new(partitions), &rd_kafka_topic_partition_list_destroy);
        rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, partitions - 1);
        const Owned<rd_kafka_DeleteConsumerGroupOffsets_t> request(
            rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), list.get()),
            &rd_kafka_DeleteConsumerGroupOffsets_destroy);
        const auto event = ask(request.get(), &rd_kafka_DeleteConsumerGroupOffsets);
        std::size_t count = 0;
        return rd_kafka_error_code(
            rd_kafka_group_result_error(rd_kafka_DeleteConsumerGroupOffsets_result_groups(
                rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count)[0]));
    }

private:
    rd_kafka_t* handle() { return client_->c_ptr(); }

    static Owned<rd_kafka_event_t> answer(rd_kafka_queue_t* queue) {
        Owned<rd_kafka_event_t> event(
            rd_kafka_queue_poll(queue, static_cast<int>(std::chrono::milliseconds(patience).count())),
            &rd_kafka_event_destroy);
        expect(event != nullptr, "an admin call was not answered within 60 s");
        expect(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR,
               std::string("an admin call failed: ") + rd_kafka_event_error_string(event.get()));
        return event;
    }

    // Sends a single request by one of the C functions, which all look alike, and waits.
    template <typename Request, typename Call>
    Owned<rd_kafka_event_t> ask(Request* request, Call* call) {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle()), &rd_kafka_queue_destroy);
        Request* list[] = {request};
        call(handle(), list, 1, nullptr, queue.get());
        return answer(queue.get());
    }

    template <typename Request, typename Call, typename Result, typename Topics>
    rd_kafka_resp_err_t topic_call(Request* request, Call* call, Result* result, Topics* topics) {
        const auto event = ask(request, call);
        std::size_t count = 0;
        return rd_kafka_topic_result_error(topics(result(event.get()), &count)[0]);
    }

    std::unique_ptr<RdKafka::Producer, void (*)(RdKafka::Producer*)> client_;
};

// A topic for as long as the object lives.
class Topic {
public:
    Topic(const std::string& suffix, int partitions) : name_(name(suffix)) {
        expect_error("creating a topic", admin_.create(name_, partitions), RD_KAFKA_RESP_ERR_NO_ERROR);
        wait_for("a leader of each partition", [&] {
            const auto found = admin_.describe(name_);
            return found.is_led && found.partitions == static_cast<std::size_t>(partitions);
        });
    }
    ~Topic() {
        try {
            admin_.remove(name_);
        } catch (const std::exception& error) {
            std::cerr << name_ << ": " << error.what() << '\n';
        }
    }
    Topic(const Topic&) = delete;
    Topic& operator=(const Topic&) = delete;

    operator const std::string&() const { return name_; }

private:
    Admin admin_;
    std::string name_;
};

}  // namespace jobs
