#include "broker/fetch_session.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace mamba::broker {
namespace {

std::vector<FetchTarget> targets_of(const protocol::FetchRequest& request) {
    std::vector<FetchTarget> targets;
    for (const auto& topic : request.topics) {
        const auto name = std::make_shared<const FetchTopic>(std::string(topic.topic), topic.topic_id);
        for (const auto& partition : topic.partitions) {
            targets.push_back({name, PartitionIndex(partition.partition), Offset(partition.fetch_offset),
                               LeaderEpoch(partition.current_leader_epoch), partition.partition_max_bytes});
        }
    }
    return targets;
}

}  // namespace

FetchSessionCache::Begun FetchSessionCache::begin(const protocol::FetchRequest& request,
                                                  protocol::MessageVersion version, Instant now,
                                                  std::int32_t random_id) {
    constexpr std::int32_t no_session_epoch = -1;
    constexpr std::int32_t new_session_epoch = 0;
    if (request.session_epoch == no_session_epoch || request.session_epoch == new_session_epoch) {
        if (request.session_id != 0) erase(request.session_id);
        Begun begun{.targets = targets_of(request)};
        const bool wanted = request.session_epoch == new_session_epoch && version >= 7;
        if (!wanted || random_id == 0 || sessions_.contains(random_id)) return begun;
        std::size_t bytes = 0;
        for (const FetchTarget& target : begun.targets) bytes += bytes_of(target);
        if (make_room(bytes, now)) {
            Session& session = sessions_[random_id];
            session.by_topic_id = version >= 13;
            session.created = session.used = now;
            session.recency = recency_.insert(recency_.end(), random_id);
            update(session, begun.targets, request);
            begun.session_id = random_id;
        }
        return begun;
    }

    const auto found = sessions_.find(request.session_id);
    if (found == sessions_.end()) return {.error = ErrorCode::fetch_session_id_not_found};
    Session& session = found->second;
    if (request.session_epoch != session.epoch) return {.error = ErrorCode::invalid_fetch_session_epoch};
    if (session.by_topic_id != (version >= 13)) return {.error = ErrorCode::fetch_session_topic_id_error};
    session.epoch = session.epoch == std::numeric_limits<std::int32_t>::max() ? 1 : session.epoch + 1;
    session.used = now;
    recency_.splice(recency_.end(), recency_, session.recency);
    update(session, targets_of(request), request);
    if (bytes_ > limits_.bytes_max) {
        erase(request.session_id);
        return {.error = ErrorCode::fetch_session_id_not_found};  // the client begins anew
    }

    Begun begun{.session_id = request.session_id, .incremental = true};
    begun.targets.reserve(session.order.size());
    for (const Cached& cached : session.order) begun.targets.push_back(cached.target);
    if (session.order.empty()) {  // nothing left to remember
        erase(request.session_id);
        begun.session_id = 0;
    }
    return begun;
}

// What a remembered partition costs: its entries in list and index, and its share of the topic's name.
std::size_t FetchSessionCache::bytes_of(const FetchTarget& target) {
    constexpr std::size_t nodes = sizeof(Cached) + 2 * sizeof(void*) + sizeof(Key) + 4 * sizeof(void*);
    return nodes + target.topic->name.size();
}

void FetchSessionCache::update(Session& session, const std::vector<FetchTarget>& targets,
                               const protocol::FetchRequest& request) {
    for (const FetchTarget& target : targets) {
        const auto [at, added] = session.index.try_emplace(key_of(target));
        if (added) {
            at->second = session.order.insert(session.order.end(), Cached{});
            ++partitions_;
            session.bytes += bytes_of(target);
            bytes_ += bytes_of(target);
        }
        FetchTarget& remembered = at->second->target;
        const auto topic = at->first.topic;  // the key's: one copy of the name is enough
        remembered = target;
        remembered.topic = topic;
    }
    for (const auto& topic : request.forgotten_topics_data) {
        const auto name = std::make_shared<const FetchTopic>(std::string(topic.topic), topic.topic_id);
        for (const std::int32_t partition : topic.partitions) {
            const auto at = session.index.find({name, PartitionIndex(partition)});
            if (at == session.index.end()) continue;
            const std::size_t bytes = bytes_of(at->second->target);
            session.bytes -= bytes;
            bytes_ -= bytes;
            session.order.erase(at->second);
            session.index.erase(at);
            --partitions_;
        }
    }
}

std::vector<bool> FetchSessionCache::finish(std::int32_t session_id, std::span<const FetchTarget> targets,
                                            std::span<const FetchNews> news) {
    std::vector<bool> included(targets.size(), true);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return included;  // replaced meanwhile: a full answer is still right
    Session& session = found->second;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const auto at = session.index.find(key_of(targets[i]));
        if (at == session.index.end()) continue;
        Cached& cached = *at->second;
        const FetchNews& now = news[i];
        included[i] = cached.must_tell || now.has_records || now.error != ErrorCode::none ||
                      cached.told_high_watermark != now.high_watermark || cached.told_log_start != now.log_start;
        cached.told_high_watermark = now.high_watermark;
        cached.told_log_start = now.log_start;
        cached.must_tell = now.error != ErrorCode::none;
        // From the second answer on, partitions take turns.
        if (now.has_records && session.epoch > 1) session.order.splice(session.order.end(), session.order, at->second);
    }
    return included;
}

void FetchSessionCache::erase(std::int32_t id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    partitions_ -= found->second.order.size();
    bytes_ -= found->second.bytes;
    recency_.erase(found->second.recency);
    sessions_.erase(found);
}

bool FetchSessionCache::make_room(std::size_t bytes, Instant now) {
    if (limits_.sessions_max == 0 || bytes > limits_.bytes_max) return false;
    while (sessions_.size() >= limits_.sessions_max || bytes_ + bytes > limits_.bytes_max) {
        const auto oldest_or_smallest = evictable(bytes, now);
        if (!oldest_or_smallest) return false;
        erase(*oldest_or_smallest);
    }
    return true;
}

// Whom a new session of `bytes` may replace.
std::optional<std::int32_t> FetchSessionCache::evictable(std::size_t bytes, Instant now) const {
    if (recency_.empty()) return std::nullopt;
    if (now - sessions_.at(recency_.front()).used >= limits_.idle_min) return recency_.front();
    const auto smallest = std::ranges::min_element(sessions_, {}, [&](const auto& entry) {
        const Session& session = entry.second;
        const bool is_settled = now - session.created >= limits_.idle_min;
        return is_settled ? session.bytes : std::numeric_limits<std::size_t>::max();
    });
    const Session& session = smallest->second;
    if (now - session.created < limits_.idle_min || session.bytes >= bytes) return std::nullopt;
    return smallest->first;
}

}  // namespace mamba::broker
