#include "admin-ui/gzip.h"

#include <zlib.h>

#include <array>
#include <cassert>

namespace mamba::admin {
namespace {

constexpr int level = 1;
constexpr int with_gzip_header = 15 + 16;

// zlib takes what it reads as not const, for the sake of old callers.
Bytef* input_of(std::string_view bytes) {
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

}  // namespace

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    const int ready = ::deflateInit2(&stream, level, Z_DEFLATED, with_gzip_header, 8, Z_DEFAULT_STRATEGY);
    assert(ready == Z_OK);
    static_cast<void>(ready);
    std::string result(::deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = input_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    ::deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    ::deflateEnd(&stream);
    return result;
}

std::string gunzip(std::string_view bytes) {
    z_stream stream{};
    if (::inflateInit2(&stream, with_gzip_header) != Z_OK) return {};
    stream.next_in = input_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string result;
    std::array<char, 16 * 1024> part{};
    int state = Z_OK;
    while (state == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(part.data());
        stream.avail_out = static_cast<uInt>(part.size());
        state = ::inflate(&stream, Z_NO_FLUSH);
        result.append(part.data(), part.size() - stream.avail_out);
    }
    ::inflateEnd(&stream);
    return state == Z_STREAM_END ? result : std::string();
}

}  // namespace mamba::admin
