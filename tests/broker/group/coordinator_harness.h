// One coordinator under test with a log in memory: appends succeed unless told otherwise, time
// moves only by advance(), answers are kept by token.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "broker/group/group_coordinator.h"
#include "protocol/messages/consumer_protocol_subscription.h"

namespace mamba::broker {

inline Bytes text_bytes(std::string_view text) {
    const BytesView view = as_bytes(text);
    return Bytes(view.begin(), view.end());
}

// A consumer's subscription as clients encode it.
inline Bytes subscription_to(std::initializer_list<const char*> topics) {
    protocol::ConsumerProtocolSubscription subscription;
    for (const char* topic : topics) subscription.topics.emplace_back(topic);
    protocol::Writer out;
    out.int16(0);
    subscription.encode(out, 0);
    return out.take();
}

struct JoinArguments {
    std::string group = "g";
    std::string member{};
    std::optional<std::string> instance{};
    std::string protocol_type = "consumer";
    std::vector<GroupProtocol> protocols{{"range", subscription_to({"topic"})}};
    std::int32_t session_timeout_ms = 10'000;
    std::int32_t rebalance_timeout_ms = 60'000;
    bool needs_known_member_id = false;
    bool can_skip_assignment = true;
    std::string client_id = "client";
};

class CoordinatorHarness {
public:
    explicit CoordinatorHarness(const GroupConfig& config = {})
        : config_(config),
          core(config, [n = 0]() mutable { return "uuid-" + std::to_string(++n); }) {
        run(core.on_loaded(now));
    }

    ReplyToken join(const JoinArguments& a) {
        protocol::JoinGroupRequest request;
        request.group_id = a.group;
        request.member_id = a.member;
        if (a.instance) request.group_instance_id = *a.instance;
        request.protocol_type = a.protocol_type;
        request.session_timeout_ms = a.session_timeout_ms;
        request.rebalance_timeout_ms = a.rebalance_timeout_ms;
        for (const GroupProtocol& p : a.protocols) {
            auto& protocol = request.protocols.emplace_back();
            protocol.name = p.name;
            protocol.metadata = BytesView(p.metadata);
        }
        const ReplyToken token = ++last_token_;
        run(core.join_group(token, request, {.client_id = a.client_id, .host = "host"},
                            {.needs_known_member_id = a.needs_known_member_id,
                             .can_skip_assignment = a.can_skip_assignment},
                            now));
        return token;
    }

    ReplyToken sync(std::string_view group, std::string_view member, std::int32_t generation,
                    const std::map<std::string, std::string>& assignments = {},
                    std::optional<std::string> instance = std::nullopt) {
        protocol::SyncGroupRequest request;
        request.group_id = group;
        request.member_id = member;
        request.generation_id = generation;
        if (instance) request.group_instance_id = *instance;
        for (const auto& [id, assignment] : assignments) {
            auto& entry = request.assignments.emplace_back();
            entry.member_id = id;
            entry.assignment = as_bytes(assignment);
        }
        const ReplyToken token = ++last_token_;
        run(core.sync_group(token, request, now));
        return token;
    }

    ErrorCode heartbeat(std::string_view group, std::string_view member, std::int32_t generation,
                        std::optional<std::string> instance = std::nullopt) {
        protocol::HeartbeatRequest request;
        request.group_id = group;
        request.member_id = member;
        request.generation_id = generation;
        if (instance) request.group_instance_id = *instance;
        const ReplyToken token = ++last_token_;
        run(core.heartbeat(token, request, now));
        return code(answer<protocol::HeartbeatResponse>(token).error_code);
    }

    protocol::LeaveGroupResponse leave(std::string_view group, std::string_view member,
                                       std::optional<std::string> instance = std::nullopt) {
        protocol::LeaveGroupRequest request;
        request.group_id = group;
        auto& identity = request.members.emplace_back();
        identity.member_id = member;
        if (instance) identity.group_instance_id = *instance;
        const ReplyToken token = ++last_token_;
        run(core.leave_group(token, request, now));
        return answer<protocol::LeaveGroupResponse>(token);
    }

    struct CommitArguments {
        std::string group = "g";
        std::string member{};
        std::int32_t generation = -1;
        std::string topic = "topic";
        std::int32_t partition = 0;
        std::int64_t offset = 0;
        std::string metadata{};
        std::int64_t retention_ms = -1;
        protocol::MessageVersion version = 9;
        std::optional<std::string> instance{};
    };
    ErrorCode commit(const CommitArguments& a) {
        protocol::OffsetCommitRequest request;
        request.group_id = a.group;
        request.member_id = a.member;
        request.generation_id_or_member_epoch = a.generation;
        request.retention_time_ms = a.retention_ms;
        if (a.instance) request.group_instance_id = *a.instance;
        auto& topic = request.topics.emplace_back();
        topic.name = a.topic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = a.partition;
        partition.committed_offset = a.offset;
        partition.committed_metadata = a.metadata;
        const ReplyToken token = ++last_token_;
        run(core.commit_offsets(token, request, a.version, now));
        return code(
            answer<protocol::OffsetCommitResponse>(token).topics.at(0).partitions.at(0).error_code);
    }

    // The committed offset, -1 when there is none.
    std::int64_t committed(const std::string& group, const std::string& topic = "topic",
                           std::int32_t partition = 0) {
        protocol::OffsetFetchRequest::OffsetFetchRequestGroup request;
        request.group_id = group;
        auto& asked = request.topics->emplace_back();
        asked.name = topic;
        asked.partition_indexes = {partition};
        const ReplyToken token = ++last_token_;
        run(core.fetch_offsets(token, request));
        return answer<protocol::OffsetFetchResponse::OffsetFetchResponseGroup>(token)
            .topics.at(0)
            .partitions.at(0)
            .committed_offset;
    }

    protocol::OffsetDeleteResponse delete_offset(const std::string& group,
                                                 const std::string& topic) {
        protocol::OffsetDeleteRequest request;
        request.group_id = group;
        auto& asked = request.topics.emplace_back();
        asked.name = topic;
        asked.partitions.emplace_back();
        const ReplyToken token = ++last_token_;
        run(core.delete_offsets(token, request));
        return answer<protocol::OffsetDeleteResponse>(token);
    }

    ErrorCode delete_group(const std::string& group) {
        const ReplyToken token = ++last_token_;
        run(core.delete_group(token, group));
        return code(answer<protocol::DeleteGroupsResponse::DeletableGroupResult>(token).error_code);
    }

    protocol::DescribeGroupsResponse::DescribedGroup describe(
        const std::string& group, protocol::MessageVersion version = 6) {
        const ReplyToken token = ++last_token_;
        run(core.describe_group(token, group, version));
        return answer<protocol::DescribeGroupsResponse::DescribedGroup>(token);
    }

    // Lets time pass, timer by timer.
    void advance(std::chrono::milliseconds by) {
        const Instant until = now.instant + by;
        while (const auto due = core.next_deadline()) {
            if (*due > until) break;
            move_to(std::max(*due, now.instant));
            run(core.tick(now));
        }
        move_to(until);
    }

    bool answered(ReplyToken token) const { return answers.contains(token); }
    template <class Response>
    const Response& answer(ReplyToken token) const {
        const auto found = answers.find(token);
        if (found == answers.end()) {
            ADD_FAILURE() << "no answer yet";
            static const Response none;
            return none;
        }
        return std::get<Response>(found->second);
    }
    const protocol::JoinGroupResponse& joined(ReplyToken token) const {
        return answer<protocol::JoinGroupResponse>(token);
    }
    const protocol::SyncGroupResponse& synced(ReplyToken token) const {
        return answer<protocol::SyncGroupResponse>(token);
    }
    static ErrorCode code(std::int16_t wire) { return static_cast<ErrorCode>(wire); }
    ErrorCode join_code(ReplyToken token) const { return code(joined(token).error_code); }
    ErrorCode sync_code(ReplyToken token) const { return code(synced(token).error_code); }

    GroupState state(const std::string& group = "g") const {
        return core.find_group(group)->state();
    }

    // A group "g" that is Stable with members of these client ids; gives their member ids.
    std::vector<std::string> stable_group(const std::vector<JoinArguments>& members) {
        std::vector<ReplyToken> joins;
        for (const JoinArguments& each : members) joins.push_back(join(each));
        while (!answered(joins.front())) advance(std::chrono::milliseconds(500));
        std::vector<std::string> ids;
        std::map<std::string, std::string> assignments;
        for (const ReplyToken token : joins) {
            ids.push_back(joined(token).member_id);
            assignments[ids.back()] = "for " + ids.back();
        }
        const std::int32_t generation = joined(joins.front()).generation_id;
        for (std::size_t i = ids.size(); i-- > 0;) {
            sync("g", ids[i], generation,
                 i == 0 ? assignments : std::map<std::string, std::string>{}, members[i].instance);
        }
        return ids;
    }

    // What a restart would load from the log.
    GroupCoordinator reloaded() const {
        GroupCoordinator fresh(config_, [] { return std::string("after-restart"); });
        for (const CoordinatorRecord& record : log) {
            fresh.replay(record.key,
                         record.value ? std::optional<BytesView>(*record.value) : std::nullopt);
        }
        return fresh;
    }

    void run(GroupCoordinator::Effects effects) {
        for (GroupEvent& event : effects.events) events.push_back(std::move(event));
        if (!effects.records.empty()) {
            const ErrorCode outcome = std::exchange(next_append, ErrorCode::none);
            if (outcome == ErrorCode::none) {
                log.insert(log.end(), effects.records.begin(), effects.records.end());
            }
            effects = core.settle(std::move(effects), outcome, now);
            EXPECT_TRUE(effects.records.empty());
            for (GroupEvent& event : effects.events) events.push_back(std::move(event));
        }
        for (GroupAnswer& answer : effects.answers) {
            const bool first = answers.emplace(answer.token, std::move(answer.response)).second;
            EXPECT_TRUE(first) << "two answers for one request";
        }
    }

    ReplyToken last_token() const { return last_token_; }

private:
    void move_to(Instant instant) {
        now.wall =
            now.wall +
            std::chrono::duration_cast<std::chrono::milliseconds>(instant - now.instant).count();
        now.instant = instant;
    }

    GroupConfig config_;
    ReplyToken last_token_ = 0;

public:
    GroupCoordinator core;
    std::vector<CoordinatorRecord> log;
    std::map<ReplyToken, GroupResponse> answers;
    std::vector<GroupEvent> events;
    ErrorCode next_append = ErrorCode::none;  // outcome of the next append
    Now now{.instant = Instant{}, .wall = Timestamp{1'700'000'000'000}};
};

}  // namespace mamba::broker
