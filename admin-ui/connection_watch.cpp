#include "admin-ui/connection_watch.h"

#include <algorithm>

namespace mamba::admin {
namespace {

// A little less than a second, so that who asks every second gets news.
constexpr broker::Duration look_interval = std::chrono::milliseconds(900);

double seconds(broker::Duration time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

std::shared_ptr<const Connections> ConnectionWatch::look(broker::Instant now, Timestamp wall) {
    const std::lock_guard lock(mutex_);
    if (latest_ && now - latest_->at < look_interval) return latest_;
    auto next = std::make_shared<Connections>(Connections{.at = now, .wall = wall, .all = {}});
    for (broker::ConnectionInfo& info : activity_.connections()) {
        WatchedConnection watched{.info = std::move(info), .bytes_in = {}, .bytes_out = {}, .requests = {}};
        const broker::ConnectionInfo* before = nullptr;
        if (latest_) {
            const auto found = std::ranges::lower_bound(latest_->all, watched.info.id, {},
                                                        [](const WatchedConnection& one) { return one.info.id; });
            if (found != latest_->all.end() && found->info.id == watched.info.id) before = &found->info;
        }
        const bool is_new = latest_ && before == nullptr;
        const double time = before != nullptr ? seconds(now - latest_->at) : seconds(now - watched.info.connected);
        if ((before != nullptr || is_new) && time > 0) {
            const auto rate = [&](std::uint64_t value, std::uint64_t earlier) {
                return static_cast<double>(value - earlier) / time;
            };
            watched.bytes_in = rate(watched.info.bytes_in, before == nullptr ? 0 : before->bytes_in);
            watched.bytes_out = rate(watched.info.bytes_out, before == nullptr ? 0 : before->bytes_out);
            watched.requests = rate(watched.info.requests, before == nullptr ? 0 : before->requests);
        }
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
