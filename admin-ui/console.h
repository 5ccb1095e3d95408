// The console as its handlers reach it: the broker, what the shell knows, who is signed in, and what
// has been changed through it. Everything here is safe to use from any thread.
#pragma once

#include <memory>
#include <string>

#include "admin-ui/answer_counts.h"
#include "admin-ui/audit.h"
#include "admin-ui/connection_watch.h"
#include "admin-ui/idempotency.h"
#include "admin-ui/live_frames.h"
#include "admin-ui/produce_lane.h"
#include "admin-ui/rate_limit.h"
#include "admin-ui/router.h"
#include "admin-ui/runtime_watch.h"
#include "admin-ui/sampler.h"
#include "admin-ui/scan_rate.h"
#include "admin-ui/scan_slots.h"
#include "admin-ui/sessions.h"
#include "admin-ui/shared_answers.h"
#include "admin-ui/streams.h"
#include "broker/activity.h"
#include "broker/broker.h"
#include "broker/scan/scan_cursor.h"

namespace mamba::admin {

class Console {
public:
    static constexpr double changes_per_second_max = 50;
    // Refused changes beyond these are counted only, lest a page of another site fill the audit.
    static constexpr double refusals_audited_per_second_max = 10;

    struct Identity {
        std::string version;  // of the broker
        broker::Instant started;
    };

    Console(broker::Broker& broker, broker::Activity& activity, Identity identity);

    // Starts to measure; stop() ends that.
    void start() { sampler_.start(); }
    void stop() { sampler_.stop(); }

    // Carries out one request: host, session, origin, route, handler, audit. May wait.
    Response handle(Request& request);
    // Of handle() and of who serves it.
    AnswerCounts& answer_counts() { return answer_counts_; }

    broker::Broker& broker() { return broker_; }
    broker::Activity& activity() { return activity_; }
    Sessions& sessions() { return sessions_; }
    Audit& audit() { return audit_; }
    ConnectionWatch& connections() { return connections_; }
    RuntimeWatch& runtime() { return runtime_; }
    Sampler& sampler() { return sampler_; }
    Streams& streams() { return streams_; }
    SharedAnswers& shared_answers() { return shared_answers_; }
    LiveFrames& live_frames() { return live_frames_; }
    ProduceLane& produce_lane() { return produce_lane_; }
    ScanSlots& scan_slots() { return scan_slots_; }
    ScanRate& scan_rate() { return scan_rate_; }
    const broker::ScanCursors& scan_cursors() const { return scan_cursors_; }
    const Router& router() const { return router_; }
    const broker::ConsoleConfig& config() const { return config_; }
    const Identity& identity() const { return identity_; }
    Timestamp started() const { return started_; }
    BrokerId broker_id() const { return broker_id_; }

private:
    Response route(Request& request);
    Response change(Request& request, const Route& route, Captures captures);
    static json::value audited_request(const Request& request, const Route& route);
    void audit_change(const Request& request, const Route& route, Captures captures, const Response& response);

    broker::Broker& broker_;
    broker::Activity& activity_;
    const Identity identity_;
    const Timestamp started_;
    const broker::ConsoleConfig config_;  // as it was at start
    const BrokerId broker_id_;
    const Router router_;
    Sessions sessions_;
    Audit audit_;
    ConnectionWatch connections_;
    RuntimeWatch runtime_;
    AnswerCounts answer_counts_;
    Idempotency idempotency_;
    RateLimit changes_{changes_per_second_max};
    RateLimit refusals_audited_{refusals_audited_per_second_max};
    Sampler sampler_;
    Streams streams_;
    SharedAnswers shared_answers_;
    LiveFrames live_frames_;
    ProduceLane produce_lane_;
    ScanSlots scan_slots_;
    ScanRate scan_rate_;
    const broker::ScanCursors scan_cursors_;
};

Timestamp wall_clock();

}  // namespace mamba::admin
