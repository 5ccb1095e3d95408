// Who listens to what: the channels of each open stream of events, so that a page can change them
// without a new connection. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mamba::admin {

// What one page wants to see change.
struct StreamWish {
    std::vector<std::string> channels;  // "cluster", "topic:orders"
    // Rows of the channels `topics` and `groups` that are looked at; none: all, at longer intervals.
    std::set<std::string, std::less<>> topics;
    std::set<std::string, std::less<>> groups;
};

class Streams {
public:
    class Subscription {
    public:
        const std::string& id() const { return id_; }
        StreamWish wish() const {
            const std::lock_guard lock(mutex_);
            return wish_;
        }
        // Rises with every change.
        std::uint64_t version() const {
            const std::lock_guard lock(mutex_);
            return version_;
        }

    private:
        friend class Streams;
        std::string id_;
        mutable std::mutex mutex_;
        StreamWish wish_;           // guarded by mutex_
        std::uint64_t version_ = 0;  // guarded by mutex_
    };

    // Lives as long as the result does; `id` cannot be guessed.
    std::shared_ptr<Subscription> open(std::string id, StreamWish wish);
    // False when there is no such stream (any more).
    bool change(std::string_view id, StreamWish wish);
    std::size_t count();

private:
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<Subscription>, std::less<>> open_;  // guarded by mutex_
};

}  // namespace mamba::admin
