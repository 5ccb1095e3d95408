#include "admin-ui/assets.h"

#include <algorithm>

namespace mamba::admin {
namespace {

constexpr std::string_view notice =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>MambaMQ</title>"
    "<h1>MambaMQ</h1><p>This broker was built without its console's pages, since the build had no Node.js. "
    "The API is there all the same: <a href=\"openapi.json\">openapi.json</a>, <a href=\"metrics\">metrics</a>, "
    "<a href=\"healthz\">healthz</a>.</p></html>\n";

constexpr std::string_view base_mark = "__BASE__";

const Asset* find_asset(std::string_view path) {
    const auto found = std::ranges::find(assets(), path, &Asset::path);
    return found == assets().end() ? nullptr : &*found;
}

Response page(std::string_view base_path) {
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Cache-Control", "no-cache");
    const Asset* index = find_asset("index.html");
    response.body = index == nullptr ? notice : index->bytes;
    if (const std::size_t at = response.body.find(base_mark); at != std::string::npos) {
        response.body.replace(at, base_mark.size(), std::string(base_path) + "/");
    }
    // The page is another one for each base.
    if (index != nullptr) response.etag = std::string(index->etag).insert(index->etag.size() - 1, base_path);
    return response;
}

}  // namespace

Response serve_asset(const Request& request) {
    const std::string_view path = std::string_view(request.path).substr(1);
    const Asset* asset = find_asset(path);
    if (asset == nullptr || path == "index.html") {
        if (!path.starts_with("assets/")) return page(request.base_path);
        Response response;
        response.status = 404;
        response.content_type = "text/plain; charset=utf-8";
        response.body = "there is no such file\n";
        return response;
    }
    Response response;
    response.content_type = asset->mime;
    response.body = asset->bytes;
    response.etag = asset->etag;
    response.is_compressed = asset->is_compressed;
    response.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
    return response;
}

}  // namespace mamba::admin
