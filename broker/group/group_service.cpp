#include "broker/group/group_service.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include "broker/group/java_address.h"
#include "broker/group/java_text.h"

namespace mamba::broker {

namespace {

// The answers of a shard between the decision and the client: who is owed one, and which of them
// wait for an append to be committed. Lives on while appends are under way, even when the shard has
// been given up or loaded again; so a late commit finds an outbox, if an empty one.
class Outbox {
public:
    using Send = std::move_only_function<void(GroupResponse&&)>;

    ReplyToken expect(Send send) {
        const std::scoped_lock lock(mutex_);
        owed_.emplace(++last_token_, std::move(send));
        return last_token_;
    }

    // Names an append that is about to be made; commits come in the same order.
    std::uint64_t begin_append() {
        const std::scoped_lock lock(mutex_);
        return ++appended_;
    }
    // The append failed, so it will never be committed or refused: nothing waits for it.
    void append_failed(std::uint64_t append) {
        const std::scoped_lock lock(mutex_);
        if (append == appended_) --appended_;
    }

    void post(std::vector<GroupAnswer> answers) {
        const std::scoped_lock lock(mutex_);
        for (GroupAnswer& answer : answers) {
            const std::uint64_t waits_for = answer.after_commit ? appended_ : 0;
            posted_.push_back({waits_for, std::move(answer)});
        }
    }

    void on_commit(std::uint64_t append, ErrorCode code) {
        const std::scoped_lock lock(mutex_);
        if (code == ErrorCode::none) {
            committed_ = std::max(committed_, append);
        } else if (failure_ == ErrorCode::none) {
            failure_ = code;
        }
    }

    // Why an append that was in the log will never be committed; the shard's state is then ahead of
    // its log and has to be loaded again.
    ErrorCode failure() const {
        const std::scoped_lock lock(mutex_);
        return failure_;
    }

    // Sends what waits for nothing any more.
    void release() {
        std::vector<std::pair<Send, GroupResponse>> ready;
        {
            const std::scoped_lock lock(mutex_);
            if (posted_.empty()) return;
            std::deque<Posted> still_waiting;
            for (Posted& posted : posted_) {
                if (posted.waits_for > committed_ && failure_ == ErrorCode::none) {
                    still_waiting.push_back(std::move(posted));
                    continue;
                }
                if (posted.waits_for > committed_) {
                    refuse(posted.answer.response, refusal_of_commit(failure_));
                }
                const auto owed = owed_.find(posted.answer.token);
                if (owed == owed_.end()) continue;
                ready.emplace_back(std::move(owed->second), std::move(posted.answer.response));
                owed_.erase(owed);
            }
            posted_ = std::move(still_waiting);
        }
        for (auto& [send, response] : ready) send(std::move(response));
    }

private:
    struct Posted {
        std::uint64_t waits_for = 0;
        GroupAnswer answer;
    };

    mutable std::mutex mutex_;
    std::map<ReplyToken, Send> owed_;
    std::deque<Posted> posted_;
    ReplyToken last_token_ = 0;
    std::uint64_t appended_ = 0;
    std::uint64_t committed_ = 0;
    ErrorCode failure_ = ErrorCode::none;
};

}  // namespace

PartitionIndex partition_for_group(std::string_view group, std::int32_t partitions) {
    return PartitionIndex{(java_hash_code(group) & 0x7fffffff) % partitions};
}

struct GroupService::Shard {
    enum class Phase : std::uint8_t { absent, loading, active };

    Shard(const GroupConfig& group_config, GroupCoordinator::UuidSource source,
          const std::function<void(const GroupEvent&)>& event_sink)
        : config(group_config), on_event(event_sink), core(config, std::move(source)) {}

    // Why the shard cannot serve; none when it can. An append lost after it was in the log leaves
    // the state ahead of it, so the shard gives itself up.
    ErrorCode unavailable() {
        if (phase == Phase::active && outbox->failure() != ErrorCode::none)
            give_up(ErrorCode::not_coordinator);
        switch (phase) {
            case Phase::absent:
                return ErrorCode::not_coordinator;
            case Phase::loading:
                return ErrorCode::coordinator_load_in_progress;
            case Phase::active:
                return ErrorCode::none;
        }
        return ErrorCode::not_coordinator;
    }

    void give_up(ErrorCode code) {
        phase = Phase::absent;
        log = nullptr;
        outbox->post(core.unload(code).answers);
    }

    // Carries out what the core asks for.
    void carry_out(GroupCoordinator::Effects effects, Now now) {
        tell(effects.events);
        if (!effects.records.empty()) {
            const std::uint64_t append = outbox->begin_append();
            const ErrorCode outcome =
                log->append(effects.records, now.wall, [box = outbox, append](ErrorCode code) {
                    box->on_commit(append, code);
                    box->release();
                });
            if (outcome != ErrorCode::none) outbox->append_failed(append);
            effects = core.settle(std::move(effects), outcome, now);
            assert(effects.records.empty());
            tell(effects.events);
        }
        outbox->post(std::move(effects.answers));
    }

    void tell(std::vector<GroupEvent>& events) {
        for (const GroupEvent& event : events) {
            if (on_event) on_event(event);
        }
        events.clear();
    }

    const GroupConfig& config;
    const std::function<void(const GroupEvent&)>& on_event;
    mutable std::mutex mutex;  // guards what follows; the outbox has its own
    Phase phase = Phase::absent;
    GroupCoordinator core;
    CoordinatorLog* log = nullptr;
    std::shared_ptr<Outbox> outbox = std::make_shared<Outbox>();
};

GroupService::GroupService(const GroupConfig& config, std::int32_t partitions,
                           std::function<GroupCoordinator::UuidSource()> make_uuid_source,
                           std::function<void(const GroupEvent&)> on_event)
    : config_(std::make_unique<GroupConfig>(config)), on_event_(std::move(on_event)) {
    assert(partitions > 0);
    shards_.reserve(static_cast<std::size_t>(partitions));
    for (std::int32_t i = 0; i < partitions; ++i) {
        shards_.push_back(std::make_unique<Shard>(*config_, make_uuid_source(), on_event_));
    }
}

GroupService::~GroupService() = default;

GroupService::Shard& GroupService::shard_of(std::string_view group) const {
    return *shards_[static_cast<std::size_t>(partition_for_group(group, partitions()).value)];
}

GroupService::Shard& GroupService::shard_at(PartitionIndex partition) const {
    return *shards_.at(static_cast<std::size_t>(partition.value));
}

void GroupService::begin_load(PartitionIndex partition) {
    unload(partition);
    Shard& shard = shard_at(partition);
    const std::scoped_lock lock(shard.mutex);
    shard.phase = Shard::Phase::loading;
}

ErrorCode GroupService::load(PartitionIndex partition, CoordinatorLog& log, Now now) {
    Shard& shard = shard_at(partition);
    std::shared_ptr<Outbox> outbox;
    {
        // Requests are refused without a look at the core while it loads; they wait only for the
        // mutex, which is why begin_load() comes first and this may take its time.
        std::unique_lock lock(shard.mutex);
        assert(shard.phase == Shard::Phase::loading);
        shard.outbox = std::make_shared<Outbox>();
        lock.unlock();

        const ErrorCode code = log.read_all(
            [&](BytesView key, std::optional<BytesView> value) { shard.core.replay(key, value); });

        lock.lock();
        if (code != ErrorCode::none) {
            shard.give_up(ErrorCode::not_coordinator);
            return code;
        }
        shard.log = &log;
        shard.phase = Shard::Phase::active;
        shard.carry_out(shard.core.on_loaded(now), now);
        outbox = shard.outbox;
    }
    outbox->release();
    return ErrorCode::none;
}

void GroupService::unload(PartitionIndex partition, ErrorCode code) {
    Shard& shard = shard_at(partition);
    std::shared_ptr<Outbox> outbox;
    {
        const std::scoped_lock lock(shard.mutex);
        shard.give_up(code);
        outbox = shard.outbox;
    }
    outbox->release();
}

void GroupService::unload_all() {
    for (const auto& shard : shards_) {
        std::shared_ptr<Outbox> outbox;
        {
            const std::scoped_lock lock(shard->mutex);
            if (shard->phase != Shard::Phase::active) continue;
            shard->give_up(ErrorCode::not_coordinator);
            outbox = shard->outbox;
        }
        outbox->release();
    }
}

void GroupService::tick(Now now) {
    for (const auto& shard : shards_) {
        std::shared_ptr<Outbox> outbox;
        {
            const std::scoped_lock lock(shard->mutex);
            outbox = shard->outbox;
            while (shard->unavailable() == ErrorCode::none) {
                const auto due = shard->core.next_deadline();
                if (!due || *due > now.instant) break;
                shard->carry_out(shard->core.tick(now), now);
            }
        }
        outbox->release();
    }
}

std::optional<Instant> GroupService::next_deadline() const {
    std::optional<Instant> next;
    for (const auto& shard : shards_) {
        const std::scoped_lock lock(shard->mutex);
        if (shard->phase != Shard::Phase::active) continue;
        const auto due = shard->core.next_deadline();
        if (due && (!next || *due < *next)) next = due;
    }
    return next;
}

// Hands the event to the shard's core and its answer to `reply`; `blank` is the answer that is
// refused when the shard cannot serve.
template <class Response, class Event>
void GroupService::serve(Shard& shard, const RequestContext& context, Response blank,
                         Reply<Response> reply, Event event) {
    const Now now{.instant = context.received, .wall = context.now};
    std::shared_ptr<Outbox> outbox;
    ErrorCode refused = ErrorCode::none;
    {
        const std::scoped_lock lock(shard.mutex);
        refused = shard.unavailable();
        outbox = shard.outbox;
        if (refused == ErrorCode::none) {
            const ReplyToken token =
                outbox->expect([send = std::move(reply)](GroupResponse&& response) mutable {
                    send(std::get<Response>(std::move(response)));
                });
            shard.carry_out(event(shard.core, token, now), now);
        }
    }
    outbox->release();
    if (refused == ErrorCode::none) return;
    GroupResponse response(std::move(blank));
    refuse(response, refused);
    reply(std::get<Response>(std::move(response)));
}

void GroupService::join_group(const protocol::JoinGroupRequest& request,
                              const RequestContext& context,
                              Reply<protocol::JoinGroupResponse> reply) {
    const std::string host = java_address(context.client.host);
    const GroupClient client{.client_id = context.client_id, .host = host};
    const GroupCoordinator::JoinOptions options{.needs_known_member_id = context.version >= 4,
                                                .can_skip_assignment = context.version >= 9};
    serve(shard_of(request.group_id), context, protocol::JoinGroupResponse{}, std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now now) {
              return core.join_group(token, request, client, options, now);
          });
}

void GroupService::sync_group(const protocol::SyncGroupRequest& request,
                              const RequestContext& context,
                              Reply<protocol::SyncGroupResponse> reply) {
    serve(shard_of(request.group_id), context, protocol::SyncGroupResponse{}, std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now now) {
              return core.sync_group(token, request, now);
          });
}

void GroupService::heartbeat(const protocol::HeartbeatRequest& request,
                             const RequestContext& context,
                             Reply<protocol::HeartbeatResponse> reply) {
    // A member must not lose its place because the coordinator is still reading.
    Reply<protocol::HeartbeatResponse> granting(
        [send = std::move(reply)](protocol::HeartbeatResponse&& response) mutable {
            if (response.error_code == to_wire(ErrorCode::coordinator_load_in_progress)) {
                response.error_code = to_wire(ErrorCode::none);
            }
            send(std::move(response));
        });
    serve(shard_of(request.group_id), context, protocol::HeartbeatResponse{}, std::move(granting),
          [&](GroupCoordinator& core, ReplyToken token, Now now) {
              return core.heartbeat(token, request, now);
          });
}

void GroupService::leave_group(const protocol::LeaveGroupRequest& request,
                               const RequestContext& context,
                               Reply<protocol::LeaveGroupResponse> reply) {
    serve(shard_of(request.group_id), context, protocol::LeaveGroupResponse{}, std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now now) {
              return core.leave_group(token, request, now);
          });
}

void GroupService::commit_offsets(const protocol::OffsetCommitRequest& request,
                                  const RequestContext& context,
                                  Reply<protocol::OffsetCommitResponse> reply) {
    commit_offsets_if({}, request, context, std::move(reply));
}

void GroupService::commit_offsets_if(std::span<const GroupCoordinator::ExpectedOffset> expected,
                                     const protocol::OffsetCommitRequest& request,
                                     const RequestContext& context,
                                     Reply<protocol::OffsetCommitResponse> reply) {
    protocol::OffsetCommitResponse blank;
    for (const auto& topic : request.topics) {
        auto& refused = blank.topics.emplace_back();
        refused.name = topic.name;
        refused.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions) {
            refused.partitions.emplace_back().partition_index = partition.partition_index;
        }
    }
    serve(shard_of(request.group_id), context, std::move(blank), std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now now) {
              return core.commit_offsets(token, request, context.version, now, expected);
          });
}

void GroupService::fetch_offsets(
    const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request,
    const RequestContext& context, Reply<FetchedGroup> reply) {
    FetchedGroup blank;
    blank.group_id = request.group_id;
    serve(shard_of(request.group_id), context, std::move(blank), std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now) {
              return core.fetch_offsets(token, request);
          });
}

void GroupService::delete_offsets(const protocol::OffsetDeleteRequest& request,
                                  const RequestContext& context,
                                  Reply<protocol::OffsetDeleteResponse> reply) {
    serve(shard_of(request.group_id), context, protocol::OffsetDeleteResponse{}, std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now) {
              return core.delete_offsets(token, request);
          });
}

void GroupService::describe_group(std::string_view group, const RequestContext& context,
                                  Reply<DescribedGroup> reply) {
    DescribedGroup blank;
    blank.group_id = group;
    serve(shard_of(group), context, std::move(blank), std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now) {
              return core.describe_group(token, group, context.version);
          });
}

void GroupService::delete_group(std::string_view group, const RequestContext& context,
                                Reply<DeletedGroup> reply) {
    DeletedGroup blank;
    blank.group_id = group;
    serve(shard_of(group), context, std::move(blank), std::move(reply),
          [&](GroupCoordinator& core, ReplyToken token, Now) {
              return core.delete_group(token, group);
          });
}

void GroupService::list_groups(const protocol::ListGroupsRequest& request,
                               const RequestContext& context,
                               Reply<protocol::ListGroupsResponse> reply) {
    struct Gathering {
        std::mutex mutex;
        protocol::ListGroupsResponse response;
        std::size_t missing = 0;
        Reply<protocol::ListGroupsResponse> reply;
    };
    const auto gathering = std::make_shared<Gathering>();
    gathering->missing = shards_.size();
    gathering->reply = std::move(reply);
    for (const auto& shard : shards_) {
        Reply<protocol::ListGroupsResponse> part(
            [gathering](protocol::ListGroupsResponse&& groups) {
                std::unique_lock lock(gathering->mutex);
                protocol::ListGroupsResponse& all = gathering->response;
                // Groups of partitions that are led elsewhere are listed there.
                if (groups.error_code != to_wire(ErrorCode::not_coordinator)) {
                    if (groups.error_code != 0) all.error_code = groups.error_code;
                    std::ranges::move(groups.groups, std::back_inserter(all.groups));
                }
                if (--gathering->missing > 0) return;
                lock.unlock();
                if (all.error_code != 0) all.groups.clear();
                gathering->reply(std::move(all));
            });
        serve(*shard, context, protocol::ListGroupsResponse{}, std::move(part),
              [&](GroupCoordinator& core, ReplyToken token, Now) {
                  return core.list_groups(token, request);
              });
    }
}

void GroupService::on_partitions_deleted(std::span<const TopicPartition> partitions, Now now) {
    for (const auto& shard : shards_) {
        std::shared_ptr<Outbox> outbox;
        {
            const std::scoped_lock lock(shard->mutex);
            if (shard->unavailable() != ErrorCode::none) continue;
            outbox = shard->outbox;
            shard->carry_out(shard->core.on_partitions_deleted(partitions), now);
        }
        outbox->release();
    }
}

std::vector<GroupSnapshot> GroupService::snapshot(Now now) const {
    std::vector<GroupSnapshot> all;
    for (const auto& shard : shards_) {
        const std::scoped_lock lock(shard->mutex);
        if (shard->phase != Shard::Phase::active) continue;
        for (const auto& [id, group] : shard->core.groups()) all.push_back(shard->core.snapshot(group, now));
    }
    // Snapshots are large: sorted are their places, so that each moves once.
    std::vector<GroupSnapshot*> order(all.size());
    std::ranges::transform(all, order.begin(), [](GroupSnapshot& group) { return &group; });
    std::ranges::sort(order, {}, [](const GroupSnapshot* group) -> const std::string& { return group->id; });
    std::vector<GroupSnapshot> sorted;
    sorted.reserve(all.size());
    for (GroupSnapshot* group : order) sorted.push_back(std::move(*group));
    return sorted;
}

std::optional<GroupSnapshot> GroupService::snapshot(std::string_view group, Now now) const {
    const Shard& shard = shard_of(group);
    const std::scoped_lock lock(shard.mutex);
    if (shard.phase != Shard::Phase::active) return std::nullopt;
    const ClassicGroup* found = shard.core.find_group(group);
    if (found == nullptr) return std::nullopt;
    return shard.core.snapshot(*found, now);
}

std::vector<GroupWaiting> GroupService::describe_waiting(Instant now) const {
    std::vector<GroupWaiting> all;
    for (const auto& shard : shards_) {
        const std::scoped_lock lock(shard->mutex);
        if (shard->phase != Shard::Phase::active) continue;
        std::ranges::move(shard->core.describe_waiting(now), std::back_inserter(all));
    }
    return all;
}

}  // namespace mamba::broker
