// Fetch: what lies from an offset on, as slices of segment files, or a wait until there is enough.
//
// A request that finds less than its min_bytes parks: it registers with each of its partitions and
// with a deadline, and looks again when one of them has news. A look costs one look-up a partition;
// record bytes are never touched. Slices that are not in the page cache are read in by a worker
// first, so that sendfile never stalls the io thread on a disk.
//
// One per io thread; every waiting request lives on the thread of its connection.
// Source: KIP-227 (sessions), KIP-74 (max bytes), KIP-516 (topic ids), KIP-320 (leader epochs).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/answer.h"
#include "broker/executor.h"
#include "broker/fetch_session.h"
#include "broker/partition.h"
#include "broker/request.h"
#include "broker/waiting_request.h"
#include "broker/worker_pool.h"

namespace mamba::broker {

class Partitions;
struct Observations;

// The sessions of all io threads.
struct FetchSessions {
    std::mutex mutex;
    FetchSessionCache cache;  // guarded by mutex

    explicit FetchSessions(FetchSessionCache::Limits limits) : cache(limits) {}
};

struct FetchLimits {
    std::int32_t answer_bytes_max = 55 * 1024 * 1024;  // fetch.max.bytes
};

class Fetcher {
public:
    Fetcher(Partitions& partitions, FetchSessions& sessions, Observations& observations, WorkerPool& workers,
            Executor& executor, FetchLimits limits);
    ~Fetcher();

    // `fetched` becomes where it reads, of the partitions that are here; it stays what it was when the request is
    // refused, or a follower's.
    void on_request(const protocol::FetchRequest& request, const RequestContext& context,
                    std::int32_t correlation_id, ReplySlot slot, std::vector<FetchedFrom>& fetched);

    // Answers all that wait with what there is, and from now on waits for nothing: the broker stops.
    void finish_all();
    // Drops requests whose clients have gone. Call every now and then.
    void forget_gone();

    // Requests that wait: who, for what, how long yet.
    std::vector<WaitingRequest> waiting_requests(Instant now) const;

private:
    class Waiting;
    friend class Waiting;

    void arm_deadline();

    Partitions& partitions_;
    FetchSessions& sessions_;
    Observations& observations_;
    WorkerPool& workers_;
    Executor& executor_;
    const FetchLimits limits_;
    std::multimap<Instant, std::shared_ptr<Waiting>> waiting_;  // by deadline
    bool is_finishing_ = false;
    Instant armed_for_ = Instant::max();  // the executor calls then: one timer serves them all
};

}  // namespace mamba::broker
