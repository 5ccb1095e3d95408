// Who is signed in. A session is a cookie with 256 random bits, of which only the SHA-256 is kept,
// and a second secret that a page sends along with every change (CSRF token). Both live in memory.
//
// While the broker has no authentication every visitor is User:ANONYMOUS, as on a plaintext listener;
// a session then serves for nothing but the CSRF token. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/types.h"

namespace mamba::admin {

struct Session {
    std::string principal;
    std::string csrf_token;
    Timestamp expires;  // absolute; idle sessions end earlier
};

class Sessions {
public:
    static constexpr std::size_t sessions_max = 1024;  // the one that rested longest makes room
    static constexpr std::int64_t idle_ms_max = 30 * 60 * 1000;
    static constexpr std::int64_t age_ms_max = 12 * 60 * 60 * 1000;

    struct Opened {
        std::string id;  // for the cookie
        Session session;
    };
    Opened open(std::string principal, Timestamp now);
    // Nothing when there is no such session, or no longer.
    std::optional<Session> find(std::string_view id, Timestamp now);
    void close(std::string_view id);

private:
    struct Entry {
        Session session;
        Timestamp used;
    };
    std::mutex mutex_;
    std::map<std::string, Entry> entries_;  // by the SHA-256 of the id; guarded by mutex_
};

// Bits nobody can guess; the second form as hexadecimal text.
void fill_with_secret(std::span<std::byte> bytes);
std::string random_secret(std::size_t bytes);
// In a time that does not depend on where the two differ.
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace mamba::admin
