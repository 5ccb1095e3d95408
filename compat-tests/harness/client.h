// librdkafka's C interface as values: records, a producer, a consumer.
//
// Errors are librdkafka's names for them ("NO_ERROR", "MSG_SIZE_TOO_LARGE", "_TIMED_OUT"; a
// leading underscore marks an error of the client itself), so that a failing test reads well.
// What only a broken test can cause (a setting that does not exist) throws std::runtime_error.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compat-tests/harness/broker_process.h"
#include "compat-tests/harness/wait.h"

namespace mamba::compat {

using ErrorName = std::string;
inline const ErrorName no_error = "NO_ERROR";
ErrorName name_of(rd_kafka_resp_err_t error);

struct Header {
    std::string name;
    std::optional<std::string> value;  // nullopt is a null value, not an empty one
    bool operator==(const Header&) const = default;
};

struct Record {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<Header> headers;
    std::int64_t timestamp = 0;  // milliseconds; 0 when producing means now
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = -1;
    bool log_append_time = false;
};

struct TopicPartition {
    std::string topic;
    std::int32_t partition = 0;
    auto operator<=>(const TopicPartition&) const = default;
};
using Offsets = std::map<TopicPartition, std::int64_t>;

struct ClientDeleter {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
struct PartitionListDeleter {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};
using ClientHandle = std::unique_ptr<rd_kafka_t, ClientDeleter>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, PartitionListDeleter>;

PartitionList to_list(const Offsets& offsets);
// The partitions of a list with their offsets. `error`, if given, gets the first entry's error.
Offsets from_list(const rd_kafka_topic_partition_list_t* list, ErrorName* error = nullptr);

// A client with quick reconnects and no chatter on standard error. `opaque` reaches callbacks.
ClientHandle make_client(rd_kafka_type_t type, const std::string& bootstrap,
                         const Settings& settings, void (*prepare)(rd_kafka_conf_t*) = nullptr,
                         void* opaque = nullptr);

class Producer {
public:
    struct Delivery {
        std::size_t number = 0;  // counts this producer's sends from 0
        ErrorName error;
        std::int32_t partition = -1;
        std::int64_t offset = -1;
        rd_kafka_msg_status_t status = RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
    };

    explicit Producer(const std::string& bootstrap, const Settings& settings = {});
    ~Producer();
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    // Queues one record; waits while the client's queue is full. The error is the client's own.
    ErrorName send(const std::string& topic, std::int32_t partition, const Record& record);
    ErrorName send(const std::string& topic, std::int32_t partition, std::string value);

    // Waits until every record has its report; false when some are still out after `limit`.
    bool flush(std::chrono::milliseconds limit = patience);

    // One record, there and back.
    Delivery deliver(const std::string& topic, std::int32_t partition, const Record& record);

    void poll(std::chrono::milliseconds wait);
    const std::vector<Delivery>& deliveries() const { return deliveries_; }  // in report order
    std::size_t failures() const;
    rd_kafka_t* handle() const { return client_.get(); }

private:
    static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);

    std::vector<Delivery> deliveries_;
    std::size_t sent_ = 0;
    ClientHandle client_;
};

class Consumer {
public:
    struct Rebalance {
        enum class Kind { assigned, revoked, lost } kind;
        Offsets partitions;
    };

    // Starts from the beginning of a partition and commits nothing by itself, unless `settings`
    // say so. A consumer without a group.id gets one of its own.
    explicit Consumer(const std::string& bootstrap, const Settings& settings = {});
    ~Consumer();
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    ErrorName assign(const Offsets& from);
    ErrorName assign(const std::string& topic, std::int32_t partition = 0,
                     std::int64_t offset = RD_KAFKA_OFFSET_BEGINNING);
    ErrorName subscribe(const std::vector<std::string>& topics);
    ErrorName unsubscribe();

    // Serves callbacks and returns the next record, if one comes in time. Errors are kept.
    std::optional<Record> poll(std::chrono::milliseconds wait = std::chrono::milliseconds{50});

    // Polls until `count` records have come, or `limit` has passed.
    std::vector<Record> read(std::size_t count, std::chrono::milliseconds limit = patience);

    Offsets assignment() const;
    ErrorName commit(const Offsets& next);  // offsets of the next record to read
    ErrorName commit_position();            // all that has been polled so far
    Offsets committed(const std::vector<TopicPartition>& partitions, ErrorName* error = nullptr);
    // The committed offset, asked for until the coordinator answers; nullopt when there is none.
    std::optional<std::int64_t> committed(const std::string& topic, std::int32_t partition = 0);
    ErrorName close();
    // Leaves without a word to the group, as a process that died.
    void vanish();

    const std::vector<Rebalance>& rebalances() const { return rebalances_; }
    const std::vector<ErrorName>& errors() const { return errors_; }
    bool saw_error(const ErrorName& error) const;
    const std::string& group() const { return group_; }
    rd_kafka_t* handle() const { return client_.get(); }

private:
    static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t event,
                             rd_kafka_topic_partition_list_t* partitions, void* opaque);

    std::string group_;
    std::vector<Rebalance> rebalances_;
    std::vector<ErrorName> errors_;
    ClientHandle client_;
};

// low and high watermark; nullopt when the query fails, with the reason in `error`.
std::optional<std::pair<std::int64_t, std::int64_t>> watermarks(rd_kafka_t* client,
                                                                const std::string& topic,
                                                                std::int32_t partition = 0,
                                                                ErrorName* error = nullptr);

std::string unique_name(const std::string& prefix);

}  // namespace mamba::compat
