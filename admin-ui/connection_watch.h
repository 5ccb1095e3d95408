// Connections as the console shows them: looked at when somebody asks, at most once a second, so that
// open pages cost the broker's threads no more than one copy a second; rates are from the look before.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/activity.h"

namespace mamba::admin {

struct TopicRate {
    Uuid topic_id;
    std::optional<double> bytes_in;
    std::optional<double> bytes_out;
};

struct WatchedConnection {
    broker::ConnectionInfo info;
    // A second; nothing at the first look, unless the connection is younger than that.
    std::optional<double> bytes_in;
    std::optional<double> bytes_out;
    std::optional<double> requests;
    std::vector<TopicRate> topics;  // busiest first
};

struct Connections {
    broker::Instant at;
    Timestamp wall;
    std::vector<WatchedConnection> all;  // by id
};

// What clients say they are, and when they were seen.
struct SoftwareSeen {
    Timestamp first;
    Timestamp last;
};
using SoftwareName = std::pair<std::string, std::string>;  // name, version; both empty: untold

class ConnectionWatch {
public:
    static constexpr std::size_t software_max = 500;

    explicit ConnectionWatch(broker::Activity& activity) : activity_(activity) {}

    std::shared_ptr<const Connections> look(broker::Instant now, Timestamp wall);
    std::map<SoftwareName, SoftwareSeen> software() const;

private:
    void note_software(const Connections& connections);

    broker::Activity& activity_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Connections> latest_;      // guarded by mutex_
    std::map<SoftwareName, SoftwareSeen> software_;  // guarded by mutex_
};

}  // namespace mamba::admin
