// What each channel shows at a sample, made once for all streams that want it.
//
// A frame is an immutable object; those who have seen the one before it send what differs. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "admin-ui/json.h"

namespace mamba::admin {

class Console;
struct Sample;

class LiveFrames {
public:
    using Frame = std::shared_ptr<const json::object>;

    static bool is_channel(std::string_view channel);
    // Null when the channel names a topic, group or broker that does not exist.
    Frame at(Console& console, const Sample& sample, const std::string& channel);

private:
    struct Made {
        std::uint64_t number = 0;  // of the sample
        Frame frame;
    };
    std::mutex mutex_;
    std::map<std::string, Made, std::less<>> made_;  // guarded by mutex_
};

// The fields of `now` that are not in `before`, or differ; of objects within, likewise only what differs.
json::object changes_between(const json::object& before, const json::object& now);

}  // namespace mamba::admin
