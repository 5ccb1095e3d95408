// Which handler answers which path: a table of methods and patterns such as
// "/api/v1/topics/{topic}/partitions/{partition}".
//
// A part in braces takes one whole segment, decoded; a pattern may go on behind it, as in
// "{topic}:clone". Plain text is tried before braces, and an address belongs to the first pattern that
// fits: "/topics:delete" is no topic's page, and a GET of "/topics/a:clone" is 405 rather than a topic.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin-ui/http.h"

namespace mamba::admin {

class Console;

// What the braces of the pattern took, in their order.
using Captures = std::span<const std::string>;
using Handler = Response (*)(Console& console, const Request& request, Captures captures);

struct Route {
    Method method = Method::get;
    std::string_view pattern;
    Handler handle = nullptr;
    bool changes = false;  // refused in read-only mode, noted in the audit
    std::string_view operation = {};  // what Kafka asks for it, such as "CREATE topic"
};

class Router {
public:
    struct Match {
        const Route* route = nullptr;
        std::vector<std::string> captures;
        std::string allowed;  // methods of the path, "GET, POST", when none is the request's
    };

    explicit Router(std::span<const Route> routes);

    // `route` is null when there is no such path, or not with this method. HEAD is served as GET.
    Match find(const Request& request) const;
    std::span<const Route> routes() const { return routes_; }

private:
    std::vector<Route> routes_;  // plain ones first
};

}  // namespace mamba::admin
