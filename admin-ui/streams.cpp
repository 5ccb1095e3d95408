#include "admin-ui/streams.h"

#include <utility>

namespace mamba::admin {

std::shared_ptr<Streams::Subscription> Streams::open(std::string id, StreamWish wish) {
    auto subscription = std::make_shared<Subscription>();
    subscription->id_ = std::move(id);
    subscription->wish_ = std::move(wish);
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    open_.emplace(subscription->id_, subscription);
    return subscription;
}

bool Streams::change(std::string_view id, StreamWish wish) {
    std::shared_ptr<Subscription> subscription;
    {
        const std::lock_guard lock(mutex_);
        const auto found = open_.find(id);
        if (found != open_.end()) subscription = found->second.lock();
    }
    if (!subscription) return false;
    const std::lock_guard lock(subscription->mutex_);
    subscription->wish_ = std::move(wish);
    ++subscription->version_;
    return true;
}

std::size_t Streams::count() {
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    return open_.size();
}

}  // namespace mamba::admin
