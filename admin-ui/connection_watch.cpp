#include "admin-ui/connection_watch.h"

#include <algorithm>

namespace mamba::admin {
namespace {

// A little less than a second, so that who asks every second gets news.
constexpr broker::Duration look_interval = std::chrono::milliseconds(900);

double seconds(broker::Duration time) {
    return std::chrono::duration<double>(time).count();
}

// `before` is of the same connection, or null.
std::vector<TopicRate> topic_rates(const std::vector<broker::TopicBytes>& now,
                                   const std::vector<broker::TopicBytes>* before, std::optional<double> time) {
    std::vector<TopicRate> rates;
    rates.reserve(now.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
        TopicRate& rate = rates.emplace_back(TopicRate{.topic_id = now[i].topic_id, .bytes_in = {}, .bytes_out = {}});
        if (!time) continue;
        // By first use: a topic keeps its place.
        const broker::TopicBytes earlier =
            before != nullptr && i < before->size() ? (*before)[i] : broker::TopicBytes{.topic_id = now[i].topic_id};
        rate.bytes_in = static_cast<double>(now[i].in - earlier.in) / *time;
        rate.bytes_out = static_cast<double>(now[i].out - earlier.out) / *time;
    }
    const auto bytes = [](const TopicRate& rate) { return rate.bytes_in.value_or(0) + rate.bytes_out.value_or(0); };
    std::ranges::sort(rates, [&](const TopicRate& a, const TopicRate& b) {
        return bytes(a) != bytes(b) ? bytes(a) > bytes(b) : a.topic_id < b.topic_id;
    });
    return rates;
}

}  // namespace

std::shared_ptr<const Connections> ConnectionWatch::look(broker::Instant now, Timestamp wall) {
    const std::lock_guard lock(mutex_);
    if (latest_ && now - latest_->at < look_interval) return latest_;
    auto next = std::make_shared<Connections>(Connections{.at = now, .wall = wall, .all = {}});
    for (broker::ConnectionInfo& info : activity_.connections()) {
        WatchedConnection watched{
            .info = std::move(info), .bytes_in = {}, .bytes_out = {}, .requests = {}, .topics = {}};
        const broker::ConnectionInfo* before = nullptr;
        if (latest_) {
            const auto found = std::ranges::lower_bound(latest_->all, watched.info.id, {},
                                                        [](const WatchedConnection& one) { return one.info.id; });
            if (found != latest_->all.end() && found->info.id == watched.info.id) before = &found->info;
        }
        const bool is_new = latest_ && before == nullptr;
        const double time = before != nullptr ? seconds(now - latest_->at) : seconds(now - watched.info.connected);
        const bool has_rates = (before != nullptr || is_new) && time > 0;
        if (has_rates) {
            const auto rate = [&](std::uint64_t value, std::uint64_t earlier) {
                return static_cast<double>(value - earlier) / time;
            };
            watched.bytes_in = rate(watched.info.bytes_in, before == nullptr ? 0 : before->bytes_in);
            watched.bytes_out = rate(watched.info.bytes_out, before == nullptr ? 0 : before->bytes_out);
            watched.requests = rate(watched.info.requests, before == nullptr ? 0 : before->requests);
        }
        watched.topics = topic_rates(watched.info.topics, before == nullptr ? nullptr : &before->topics,
                                     has_rates ? std::optional(time) : std::nullopt);
        next->all.push_back(std::move(watched));
    }
    note_software(*next);
    latest_ = next;
    return latest_;
}

void ConnectionWatch::note_software(const Connections& connections) {
    for (const WatchedConnection& one : connections.all) {
        const broker::Client& client = one.info.client;
        const SoftwareName name{client.software_name, client.software_version};
        if (software_.size() >= software_max && !software_.contains(name)) continue;
        const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(connections.at - one.info.connected);
        const Timestamp since = connections.wall - age.count();
        SoftwareSeen& seen = software_.try_emplace(name, SoftwareSeen{since, connections.wall}).first->second;
        seen.first = std::min(seen.first, since);
        seen.last = connections.wall;
    }
}

std::map<SoftwareName, SoftwareSeen> ConnectionWatch::software() const {
    const std::lock_guard lock(mutex_);
    return software_;
}

}  // namespace mamba::admin
