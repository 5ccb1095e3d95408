// An encoded answer on its way to the client, and the place in a connection's order that waits for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/client_topics.h"
#include "broker/request.h"
#include "log/partition_log.h"
#include "protocol/error_code.h"
#include "protocol/wire.h"

namespace mamba::broker {

struct Answer {
    Bytes bytes;                             // a whole frame, its size in front, less what is spliced in
    std::vector<protocol::Splice> splices;   // where slices go; positions within `bytes`
    std::vector<log::FileSlice> slices;      // Splice::source names one of these
    std::int16_t api_key = -1;               // of the request; -1: it is told of nowhere
    bool close_after = false;                // the client is to be cut off once this is sent

    // For the metrics; nothing is decided by it.
    protocol::MessageVersion version = 0;
    ErrorCode error = ErrorCode::none;  // at the top, or the first of one of the partitions
    Instant parked{};   // from then on it waited for records, members or the flush; zero: it did not
    Instant resumed{};  // until then; zero: until it was there
    std::string topic{};  // the first that it is about; empty: named by its id, or none
    Uuid topic_id{};
    RequestTopics topics{};  // whose records it has brought or taken
};

// Takes answers in any order and from any thread; sends them in the order of their places.
class AnswerQueue {
public:
    virtual ~AnswerQueue() = default;
    virtual void answer(std::uint64_t place, Answer answer) = 0;
    // Nothing is sent for this place (acks=0); `told` has what the metrics are to know, and no bytes.
    virtual void skip(std::uint64_t place, Answer told) = 0;
    // Cuts the client off, for instance when acks=0 leaves no other way to tell of an error.
    virtual void close_connection(const char* why) = 0;
    // The client is gone: nobody waits for an answer. Only on the connection's own thread.
    virtual bool is_gone() const = 0;
};

// One request's place among the answers of its connection.
class [[nodiscard]] ReplySlot {
public:
    ReplySlot() = default;
    ReplySlot(std::shared_ptr<AnswerQueue> queue, std::uint64_t place)
        : queue_(std::move(queue)), place_(place) {}

    explicit operator bool() const { return queue_ != nullptr; }
    void answer(Answer answer) { std::exchange(queue_, nullptr)->answer(place_, std::move(answer)); }
    void skip(Answer told = {}) { std::exchange(queue_, nullptr)->skip(place_, std::move(told)); }
    void close_connection(const char* why) { queue_->close_connection(why); }
    bool is_gone() const { return queue_->is_gone(); }

private:
    std::shared_ptr<AnswerQueue> queue_;
    std::uint64_t place_ = 0;
};

}  // namespace mamba::broker
