// The activity of a broker without a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/activity.h"

namespace mamba::admin {

// Nobody is connected, unless a test says so.
class FakeActivity final : public broker::Activity {
public:
    std::vector<broker::ConnectionInfo> connected;
    std::vector<broker::WaitingRequest> waiting;
    std::vector<broker::SlowRequest> slow;
    std::vector<std::uint64_t> closed;
    std::vector<broker::RecentRequest> recent;  // of each of them, as the next
    std::vector<broker::ApiUse> uses;

    std::vector<broker::ConnectionInfo> connections() override { return connected; }
    std::optional<broker::ConnectionDetail> connection(std::uint64_t id) override {
        for (const broker::ConnectionInfo& one : connected) {
            if (one.id == id) return broker::ConnectionDetail{one, recent, uses};
        }
        return std::nullopt;
    }
    bool close_connection(std::uint64_t id, std::string) override {
        for (const broker::ConnectionInfo& one : connected) {
            if (one.id != id) continue;
            closed.push_back(id);
            return true;
        }
        return false;
    }
    std::size_t connection_count() const override { return connected.size(); }
    std::vector<const broker::RequestMetrics*> request_metrics() const override { return {&metrics}; }
    std::vector<broker::SlowRequest> slow_requests() const override { return slow; }
    std::vector<broker::WaitingRequest> waiting_requests() override { return waiting; }

    broker::RequestMetrics metrics;
};

}  // namespace mamba::admin
