// OffsetCommit, OffsetFetch, OffsetDelete: topics that do not exist are answered here, the rest by
// the group.
#include <algorithm>
#include <memory>
#include <mutex>

#include "broker/group/group_service.h"
#include "broker/handlers/group_handlers.h"
#include "broker/metadata/cluster_image.h"

namespace mamba::broker {

namespace {

constexpr protocol::MessageVersion first_version_with_topic_ids = 10;

// Adds the topics of `from` to `into`, partitions of one topic together; as in Kafka, a topic that was named
// twice stands there twice as long as nothing was refused before.
template <class Topics, class SameTopic>
void merge_topics(Topics& into, Topics&& from, SameTopic same_topic) {
    if (into.empty()) {
        into = std::move(from);
        return;
    }
    for (auto& topic : from) {
        const auto known =
            std::ranges::find_if(into, [&](const auto& other) { return same_topic(other, topic); });
        if (known == into.end()) {
            into.push_back(std::move(topic));
        } else {
            std::ranges::move(topic.partitions, std::back_inserter(known->partitions));
        }
    }
}

using FetchGroupRequest = protocol::OffsetFetchRequest::OffsetFetchRequestGroup;
using FetchGroupResponse = protocol::OffsetFetchResponse::OffsetFetchResponseGroup;

// One group's part of an OffsetFetch with its topics resolved: names and ids both filled in, and
// those that do not exist answered.
struct ResolvedFetch {
    FetchGroupRequest request;
    FetchGroupResponse unknown;
};

ResolvedFetch resolve(const ClusterImage& image, const FetchGroupRequest& request,
                      protocol::MessageVersion version) {
    ResolvedFetch resolved{.request = request, .unknown = {}};
    if (!request.topics) return resolved;
    resolved.request.topics->clear();
    for (const auto& topic : *request.topics) {
        const TopicState* known = version >= first_version_with_topic_ids
                                      ? image.find_topic(topic.topic_id)
                                      : image.find_topic(topic.name);
        if (known != nullptr || version < first_version_with_topic_ids) {
            auto& asked = resolved.request.topics->emplace_back(topic);
            if (known == nullptr) continue;  // by name, whatever was committed is told
            asked.name = known->name;
            asked.topic_id = known->id;
            continue;
        }
        auto& refused = resolved.unknown.topics.emplace_back();
        refused.topic_id = topic.topic_id;
        for (const std::int32_t partition : topic.partition_indexes) {
            auto& result = refused.partitions.emplace_back();
            result.partition_index = partition;
            result.committed_offset = -1;
            result.error_code = to_wire(ErrorCode::unknown_topic_id);
        }
    }
    return resolved;
}

// Up to version 7 an answer is about one group and has no list of groups.
protocol::OffsetFetchResponse as_single_group(FetchGroupResponse&& group,
                                              const FetchGroupRequest& request,
                                              protocol::MessageVersion version) {
    protocol::OffsetFetchResponse response;
    response.error_code = group.error_code;
    for (auto& topic : group.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = std::move(topic.name);
        for (auto& partition : topic.partitions) {
            answered.partitions.push_back(
                {.partition_index = partition.partition_index,
                 .committed_offset = partition.committed_offset,
                 .committed_leader_epoch = partition.committed_leader_epoch,
                 .metadata = std::move(partition.metadata),
                 .error_code = partition.error_code,
                 .unknown_tags = {}});
        }
    }
    // Version 1 has no place for the group's error but its partitions.
    if (version < 2 && group.error_code != 0 && request.topics) {
        for (const auto& topic : *request.topics) {
            auto& answered = response.topics.emplace_back();
            answered.name = topic.name;
            for (const std::int32_t index : topic.partition_indexes) {
                auto& partition = answered.partitions.emplace_back();
                partition.partition_index = index;
                partition.committed_offset = -1;
                partition.error_code = group.error_code;
            }
        }
    }
    return response;
}

}  // namespace

void on_offset_commit(GroupService& groups, const ClusterImage& image,
                      const protocol::OffsetCommitRequest& request, const RequestContext& context,
                      Reply<protocol::OffsetCommitResponse> reply) {
    const bool by_id = context.version >= first_version_with_topic_ids;
    protocol::OffsetCommitRequest known = request;
    known.topics.clear();
    protocol::OffsetCommitResponse unknown;
    for (const auto& topic : request.topics) {
        const TopicState* found =
            by_id ? image.find_topic(topic.topic_id) : image.find_topic(topic.name);
        protocol::OffsetCommitRequest::OffsetCommitRequestTopic asked;
        protocol::OffsetCommitResponse::OffsetCommitResponseTopic refused;
        refused.name = topic.name;
        refused.topic_id = topic.topic_id;
        if (found != nullptr) {
            asked.name = found->name;
            asked.topic_id = found->id;
        }
        for (const auto& partition : topic.partitions) {
            if (found != nullptr &&
                found->find_partition(PartitionIndex{partition.partition_index}) != nullptr) {
                asked.partitions.push_back(partition);
                continue;
            }
            const ErrorCode code = by_id && found == nullptr
                                       ? ErrorCode::unknown_topic_id
                                       : ErrorCode::unknown_topic_or_partition;
            auto& result = refused.partitions.emplace_back();
            result.partition_index = partition.partition_index;
            result.error_code = to_wire(code);
        }
        if (found == nullptr || !refused.partitions.empty()) {
            unknown.topics.push_back(std::move(refused));
        }
        if (!asked.partitions.empty()) known.topics.push_back(std::move(asked));
    }
    if (known.topics.empty()) {
        reply(std::move(unknown));
        return;
    }
    groups.commit_offsets(known, context,
                          Reply<protocol::OffsetCommitResponse>(
                              [send = std::move(reply), all = std::move(unknown),
                               by_id](protocol::OffsetCommitResponse&& committed) mutable {
                                  merge_topics(all.topics, std::move(committed.topics),
                                               [by_id](const auto& a, const auto& b) {
                                                   return by_id ? a.topic_id == b.topic_id
                                                                : a.name == b.name;
                                               });
                                  send(std::move(all));
                              }));
}

void on_offset_fetch(GroupService& groups, const ClusterImage& image,
                     const protocol::OffsetFetchRequest& request, const RequestContext& context,
                     Reply<protocol::OffsetFetchResponse> reply) {
    const protocol::MessageVersion version = context.version;
    if (version < 8) {
        FetchGroupRequest one;
        one.group_id = request.group_id;
        one.topics.reset();
        if (request.topics) {
            one.topics.emplace();
            for (const auto& topic : *request.topics) {
                auto& asked = one.topics->emplace_back();
                asked.name = topic.name;
                asked.partition_indexes = topic.partition_indexes;
            }
        }
        const FetchGroupRequest resolved = resolve(image, one, version).request;
        // The failed request's topics are needed for version 1 only; they are views into the frame,
        // so they are told beforehand.
        protocol::OffsetFetchResponse failed;
        if (version < 2) {
            FetchGroupResponse group;
            group.error_code = to_wire(ErrorCode::unknown_server_error);
            failed = as_single_group(std::move(group), one, version);
        }
        groups.fetch_offsets(
            resolved, context,
            Reply<FetchGroupResponse>([send = std::move(reply), failed = std::move(failed),
                                       version](FetchGroupResponse&& group) mutable {
                if (version < 2 && group.error_code != 0) {
                    for (auto& topic : failed.topics) {
                        for (auto& partition : topic.partitions)
                            partition.error_code = group.error_code;
                    }
                    failed.error_code = 0;
                    send(std::move(failed));
                    return;
                }
                send(as_single_group(std::move(group), FetchGroupRequest{}, version));
            }));
        return;
    }

    struct Gathering {
        std::mutex mutex;
        protocol::OffsetFetchResponse response;
        std::size_t missing = 0;
        Reply<protocol::OffsetFetchResponse> reply;
    };
    if (request.groups.empty()) {
        reply({});
        return;
    }
    const auto gathering = std::make_shared<Gathering>();
    gathering->missing = request.groups.size();
    gathering->response.groups.resize(request.groups.size());
    gathering->reply = std::move(reply);
    for (std::size_t at = 0; at < request.groups.size(); ++at) {
        ResolvedFetch resolved = resolve(image, request.groups[at], version);
        // An answer to "all topics" carries ids from version 10 on, so deleted topics are left out.
        std::vector<std::pair<std::string, Uuid>> ids;
        const bool needs_ids = version >= first_version_with_topic_ids && !resolved.request.topics;
        if (needs_ids) {
            image.for_each_topic(
                [&](const TopicState& topic) { ids.emplace_back(topic.name, topic.id); });
            std::ranges::sort(ids);
        }
        groups.fetch_offsets(
            resolved.request, context,
            Reply<FetchGroupResponse>(
                [gathering, at, needs_ids, ids = std::move(ids),
                 unknown = std::move(resolved.unknown)](FetchGroupResponse&& group) mutable {
                    if (needs_ids) {
                        std::erase_if(group.topics, [&](auto& topic) {
                            const auto found = std::ranges::lower_bound(
                                ids, topic.name, {}, &std::pair<std::string, Uuid>::first);
                            if (found == ids.end() || found->first != topic.name) return true;
                            const bool is_other =
                                !topic.topic_id.is_zero() && topic.topic_id != found->second;
                            topic.topic_id = found->second;
                            return is_other;
                        });
                    }
                    if (group.error_code == 0) {
                        std::ranges::move(unknown.topics, std::back_inserter(group.topics));
                    }
                    std::unique_lock lock(gathering->mutex);
                    gathering->response.groups[at] = std::move(group);
                    if (--gathering->missing > 0) return;
                    lock.unlock();
                    gathering->reply(std::move(gathering->response));
                }));
    }
}

void on_offset_delete(GroupService& groups, const ClusterImage& image,
                      const protocol::OffsetDeleteRequest& request, const RequestContext& context,
                      Reply<protocol::OffsetDeleteResponse> reply) {
    protocol::OffsetDeleteRequest known = request;
    known.topics.clear();
    protocol::OffsetDeleteResponse unknown;
    for (const auto& topic : request.topics) {
        protocol::OffsetDeleteRequest::OffsetDeleteRequestTopic asked;
        protocol::OffsetDeleteResponse::OffsetDeleteResponseTopic refused;
        asked.name = topic.name;
        refused.name = topic.name;
        for (const auto& partition : topic.partitions) {
            const PartitionIndex index{partition.partition_index};
            if (image.find_partition(topic.name, index) != nullptr) {
                asked.partitions.push_back(partition);
                continue;
            }
            auto& result = refused.partitions.emplace_back();
            result.partition_index = partition.partition_index;
            result.error_code = to_wire(ErrorCode::unknown_topic_or_partition);
        }
        if (image.find_topic(topic.name) == nullptr || !refused.partitions.empty()) {
            unknown.topics.push_back(std::move(refused));
        }
        if (!asked.partitions.empty()) known.topics.push_back(std::move(asked));
    }
    // The group is asked even about nothing: it may be no group that offsets can be deleted of.
    groups.delete_offsets(
        known, context,
        Reply<protocol::OffsetDeleteResponse>(
            [send = std::move(reply),
             all = std::move(unknown)](protocol::OffsetDeleteResponse&& deleted) mutable {
                if (deleted.error_code != 0) {  // of the group as a whole
                    send(std::move(deleted));
                    return;
                }
                merge_topics(all.topics, std::move(deleted.topics),
                             [](const auto& a, const auto& b) { return a.name == b.name; });
                send(std::move(all));
            }));
}

}  // namespace mamba::broker
