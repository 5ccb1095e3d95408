// A request of a browser or a script, and its answer, free of any HTTP library.
//
// Handlers are plain functions from the one to the other. They run on the console's own threads and
// may wait; the socket side (server.h) does the rest: limits, keep-alive, compression, chunks.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mamba::admin {

enum class Method : std::uint8_t { get, head, post, put, patch, del, other };
std::string_view name_of(Method method);  // "GET", ...

using Headers = std::map<std::string, std::string, std::less<>>;  // names in lower case

struct Request {
    Method method = Method::get;
    std::string path;                 // as it was sent, without the query
    std::vector<std::string> segments;  // of the path, each decoded once
    std::multimap<std::string, std::string, std::less<>> query;
    Headers headers;
    std::string body;
    std::string remote;     // address as text, without the port
    std::string id;         // names the request in errors and in the audit
    std::string principal;  // who asks, set once the session is known
    // As the visitor asked, on the other side of a proxy (forwarded.h).
    std::string scheme = "http";
    std::string forwarded_host;  // empty: nobody stands between
    std::string base_path;       // "/a/b", taken off the path already

    std::string_view header(std::string_view name) const;  // empty when there is none
    std::optional<std::string> parameter(std::string_view name) const;  // the first of the query
    std::string_view host() const;  // that the visitor asked, with its port
};

// Takes a target such as "/topics/a%2Fb?limit=3" apart; false when it is malformed: no leading slash,
// a bad percent code, a zero byte.
bool parse_target(std::string_view target, Request& into);
// Takes a prefix such as "/a/b" off the path, when it is there as whole segments.
void strip_prefix(Request& request, std::string_view prefix);
// The value of one cookie of a Cookie header; empty when it is not there.
std::string_view find_cookie(std::string_view header, std::string_view name);

// A body that comes bit by bit. Asked by one thread at a time.
class BodyStream {
public:
    struct Part {
        std::string bytes;
        bool is_last = false;
        std::chrono::milliseconds rest{0};  // before it is worth asking again
    };

    virtual ~BodyStream() = default;
    // May block for as long as a disk read takes, no longer: who has nothing says when to ask again.
    virtual Part next() = 0;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string etag;                    // with quotes; empty: none
    std::unique_ptr<BodyStream> stream;  // in place of the body
    bool is_compressed = false;          // the body is gzip already
    std::string before;                  // JSON: what a change replaced, for the audit
};

}  // namespace mamba::admin
