// The API's own description, there with or without the pages.
#include <openssl/sha.h>

#include <array>
#include <cstddef>

#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"

extern "C" {
extern const char mamba_openapi[];  // openapi.S
extern const char mamba_openapi_end[];
}

namespace mamba::admin {
namespace {

std::string_view description() { return {mamba_openapi, static_cast<std::size_t>(mamba_openapi_end - mamba_openapi)}; }

std::string etag_of(std::string_view bytes) {
    constexpr std::size_t bytes_kept = 8;
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    std::string etag = "\"";
    for (const unsigned char byte : std::span(digest).first<bytes_kept>()) {
        etag += digits[byte >> 4];
        etag += digits[byte & 15];
    }
    return etag + '"';
}

Response openapi(Console&, const Request&, Captures) {
    static const std::string etag = etag_of(description());
    Response response;
    response.body = description();
    response.is_compressed = true;
    response.etag = etag;
    return response;
}

constexpr Route routes[] = {
    {Method::get, "/openapi.json", openapi},
};

}  // namespace

std::span<const Route> openapi_routes() { return routes; }

}  // namespace mamba::admin
