// Answers that every page asks for again and again: made and packed once for each version, however many ask.
// Who asks while one is being made waits for it. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "admin-ui/http.h"

namespace mamba::admin {

class SharedAnswers {
public:
    // The answer called `name`, from `make` unless that was called for this `version` already. Names are the program's
    // own, since what has one is kept for ever.
    Response get(std::string_view name, std::uint64_t version, const std::function<Response()>& make);
    // Something has been changed: no answer that was begun before is given any more.
    void forget() { changes_.fetch_add(1); }

private:
    struct Kept {
        std::mutex making;
        bool is_made = false;       // guarded by making, as all below
        std::uint64_t version = 0;
        std::uint64_t changes = 0;  // before it was begun
        std::string body;           // gzip
        std::string etag;
    };

    std::atomic<std::uint64_t> changes_{0};
    std::mutex mutex_;
    std::map<std::string, Kept, std::less<>> kept_;  // guarded by mutex_; what it holds stays where it is
};

}  // namespace mamba::admin
