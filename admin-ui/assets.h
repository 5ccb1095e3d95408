// The files of the front end, as they lie in the program: compressed, named by their content.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "admin-ui/http.h"

namespace mamba::admin {

struct Asset {
    std::string_view path;  // "assets/main-1a2b.js"; the page itself is "index.html"
    std::string_view mime;
    std::string_view etag;   // with quotes
    std::string_view bytes;  // gzip, but for index.html
    bool is_compressed = false;
};
// Made by the build; empty when it had no Node.
std::span<const Asset> assets();

// The asset of that path, or the page for any other: its own router takes it from there.
Response serve_asset(const Request& request);

}  // namespace mamba::admin
