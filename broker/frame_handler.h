// What a connection hands its received frames to: the dispatcher, or a test in its place.
#pragma once

#include <cstdint>
#include <span>

#include "broker/answer.h"
#include "broker/request.h"
#include "broker/served_request.h"

namespace mamba::broker {

class FrameHandler {
public:
    virtual ~FrameHandler() = default;

    // Handles one request. `frame` may be written to and stays until end_turn(). False when the
    // client is to be cut off: it sent what no client of the protocol sends.
    virtual bool on_frame(std::span<std::byte> frame, ReplySlot slot, Client& client, Instant received) = 0;
    // All frames of one turn have been handed over.
    virtual void end_turn() = 0;
    // An answer is with the kernel, whole. For counting.
    virtual void on_sent(const ServedRequest& request) = 0;
    virtual void on_bad_frame_size(const Client& client, std::int32_t size) = 0;
};

}  // namespace mamba::broker
