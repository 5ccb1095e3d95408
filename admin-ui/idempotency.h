// Makes a POST that is sent twice happen once: the second one with the same Idempotency-Key gets the
// answer of the first.
//
//     409  the first one is still under way, or broke off so that nobody knows how far it came
//     422  the first one asked for something else
//
// An answer that says "try again" (429, 503 and their like) is not kept. In memory, so a restart forgets.
// Source: draft-ietf-httpapi-idempotency-key-header. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "admin-ui/http.h"
#include "protocol/types.h"

namespace mamba::admin {

class Idempotency {
public:
    static constexpr std::int64_t kept_ms = 10 * 60 * 1000;
    static constexpr std::size_t key_bytes_max = 255;
    // The oldest make room.
    static constexpr std::size_t answers_max = 1000;
    static constexpr std::size_t bytes_max = 8 * 1024 * 1024;

    // The answer that there is already; nothing when this request is the first of its key, or has none.
    std::optional<Response> begin(const Request& request, Timestamp now);
    // Keeps the answer for those that come after.
    void finish(const Request& request, const Response& response);

private:
    struct Answer {
        std::string digest;  // of what was asked
        Timestamp began;
        bool is_finished = false;
        int status = 0;
        std::string content_type;
        std::string body;
    };
    void forget_oldest();

    std::mutex mutex_;
    std::map<std::string, Answer> answers_;  // by principal and key; guarded by mutex_
    std::deque<std::string> order_;          // oldest first; guarded by mutex_
    std::size_t bytes_ = 0;                  // of bodies; guarded by mutex_
};

}  // namespace mamba::admin
