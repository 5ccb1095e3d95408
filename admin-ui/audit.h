// Who changed what through the console: one JSON object a line, appended to a file beside the data,
// and the newest of them in memory. Thread-safe.
//
// A file that has grown to `file_bytes_max` becomes FILE.1, in place of the one before it. An entry
// that cannot be written (a full disk) is kept in memory and told in the log; the change itself has
// happened by then. A line that was cut short, by that or by a crash, is passed over when it is read.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "admin-ui/json.h"

namespace mamba::admin {

struct AuditEntry {
    Timestamp at;
    std::string principal;
    std::string remote;
    std::string action;   // "POST /api/v1/topics/{topic}:clone"
    std::string target;   // "topic orders"
    std::string path;     // as it was asked for
    int status = 0;       // of the answer
    std::string message;  // of a refusal
    json::value request;  // the body, sensitive values masked; null when there was none
    json::value before;   // what it replaced, where that is known
    std::string request_id;
};
json::object to_json(const AuditEntry& entry);

class Audit {
public:
    static constexpr std::size_t entries_max = 1000;  // in memory
    static constexpr std::int64_t file_bytes_max = 16 * 1024 * 1024;

    // Reads the newest entries that are there back in. An empty path: in memory only.
    explicit Audit(std::string path);
    ~Audit();
    Audit(const Audit&) = delete;
    Audit& operator=(const Audit&) = delete;

    void add(const AuditEntry& entry);
    // Newest first.
    std::vector<json::object> newest(std::size_t entries) const;

private:
    void load(const std::string& path);
    void open_file();
    bool write(const std::string& line);

    const std::string path_;
    mutable std::mutex mutex_;
    std::FILE* file_ = nullptr;       // guarded by mutex_
    std::int64_t file_bytes_ = 0;     // guarded by mutex_
    bool line_is_open_ = false;       // the file does not end with a line's end; guarded by mutex_
    std::deque<json::object> recent_;  // oldest first; guarded by mutex_
};

// Whether the name of a field or setting says that its value is for nobody's eyes.
bool is_sensitive(std::string_view name);
// A copy of a request's body without passwords (values of fields whose names say so are "***") and
// without records.
json::value masked(const json::value& body);
// What of a body is kept: masked, and no more than its size where it is large. Null when it is not JSON.
json::value audited(std::string_view body);

}  // namespace mamba::admin
