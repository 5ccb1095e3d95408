// Puts a person's records into the log as a client's Produce request with acks=all would, with all its
// checks: one thread with a turn of its own, beside those of the io threads.
#pragma once

#include <condition_variable>
#include <expected>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "admin-ui/http.h"
#include "admin-ui/json.h"
#include "broker/broker.h"
#include "broker/executor.h"
#include "broker/produce.h"
#include "protocol/messages/produce.h"

namespace mamba::admin {

struct OutgoingBatch {
    PartitionIndex partition;
    Bytes batch;  // as protocol::RecordBatchBuilder makes it
};

class ProduceLane final : private broker::Executor {
public:
    explicit ProduceLane(broker::Broker& broker);
    ~ProduceLane() override;

    // Waits until the records are committed; the partitions' answers in the order of `batches`, at
    // most one batch for each partition. From any thread.
    std::expected<protocol::ProduceResponse, ApiError> produce(const Request& visitor, const std::string& topic,
                                                               std::vector<OutgoingBatch> batches);
    // Ends the thread; records that are not committed yet may still be.
    void stop();

private:
    class Answers;

    void post(Task task) override;
    void run_at(broker::Instant when, Task task) override;
    bool is_this_thread() const override { return std::this_thread::get_id() == thread_.get_id(); }
    void run();

    broker::ProduceTurn turn_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Task> tasks_;                      // guarded by mutex_
    std::multimap<broker::Instant, Task> timed_;   // of the thread
    bool stopping_ = false;                        // guarded by mutex_
    std::thread thread_;
};

}  // namespace mamba::admin
