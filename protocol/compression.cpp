#include "protocol/compression.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <new>

#include "protocol/xerial_snappy.h"
#include "protocol/zstd_frame.h"

namespace mamba::protocol {
namespace {

using Decompressed = std::expected<Bytes, DecompressError>;

constexpr std::unexpected<DecompressError> corrupt{DecompressError::corrupt};
constexpr std::unexpected<DecompressError> too_large{DecompressError::too_large};

// Bytes that grow while a codec writes into them, up to a limit. Beyond `eager_bytes_max` it reserves
// the whole limit at once, which costs address space but no memory until written: no old and new large
// copy lie side by side, and none of a few MiB goes back to malloc, which keeps such for each thread.
class Output {
public:
    explicit Output(std::size_t limit) : limit_(limit) {}

    // Room for at least one more byte; empty when the limit is reached.
    std::span<std::byte> room(std::size_t wish) {
        if (used_ == bytes_.size()) {
            const std::size_t step =
                std::clamp(used_, std::max(wish, step_bytes_min), step_bytes_max);
            const std::size_t target = used_ + std::min(step, limit_ - used_);
            if (target > eager_bytes_max && bytes_.capacity() < limit_) bytes_.reserve(limit_);
            bytes_.resize(target);
        }
        return std::span(bytes_).subspan(used_);
    }
    void wrote(std::size_t count) { used_ += count; }
    std::size_t size() const { return used_; }

    Bytes take() {
        bytes_.resize(used_);
        return std::move(bytes_);
    }

private:
    static constexpr std::size_t step_bytes_min = 4096;
    static constexpr std::size_t step_bytes_max = 4U << 20;
    static constexpr std::size_t eager_bytes_max = 1U << 20;

    Bytes bytes_;
    std::size_t used_ = 0;
    std::size_t limit_;
};

// What to reserve for at first: most batches shrink to a quarter or less.
std::size_t first_guess(BytesView input) {
    return std::min<std::size_t>(input.size() * 4, 1U << 20);
}

// zlib counts in unsigned int.
uInt zlib_count(std::size_t count) {
    return static_cast<uInt>(std::min<std::size_t>(count, std::numeric_limits<uInt>::max()));
}

}  // namespace

// Each is made at first use. A context that failed is reset by its next use.
struct Compression::Contexts {
    struct Deflate {
        z_stream stream{};
        int level = 0;
        bool ready = false;
        ~Deflate() {
            if (ready) deflateEnd(&stream);
        }
    };
    struct Inflate {
        z_stream stream{};
        bool ready = false;
        ~Inflate() {
            if (ready) inflateEnd(&stream);
        }
    };
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
        void operator()(LZ4F_cctx* context) const { LZ4F_freeCompressionContext(context); }
        void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
    };

    Deflate deflate;
    Inflate inflate;
    std::unique_ptr<LZ4F_cctx, Free> lz4_compress;
    std::unique_ptr<LZ4F_dctx, Free> lz4_decompress;
    std::unique_ptr<ZSTD_CCtx, Free> zstd_compress;
    std::unique_ptr<ZSTD_DCtx, Free> zstd_decompress;

    Bytes gzip(int level, BytesView input);
    Bytes lz4(int level, BytesView input);
    Bytes zstd(int level, BytesView input);
    Decompressed gunzip(BytesView input, std::size_t limit);
    Decompressed unlz4(BytesView input, std::size_t limit);
    Decompressed unzstd(BytesView input, std::size_t limit);
};

namespace {

constexpr int gzip_window_bits = 15 + 16;  // the largest window; 16 asks for gzip's header

}  // namespace

Bytes Compression::Contexts::gzip(int level, BytesView input) {
    level = level < 0 ? Z_DEFAULT_COMPRESSION : std::clamp(level, 1, 9);
    if (deflate.ready && deflate.level != level) {
        deflateEnd(&deflate.stream);
        deflate.ready = false;
    }
    if (!deflate.ready) {
        deflate.stream = {};
        [[maybe_unused]] const int made = deflateInit2(&deflate.stream, level, Z_DEFLATED,
                                                       gzip_window_bits, 8, Z_DEFAULT_STRATEGY);
        if (made != Z_OK) throw std::bad_alloc();
        deflate.level = level;
        deflate.ready = true;
    } else {
        deflateReset(&deflate.stream);
    }
    z_stream& stream = deflate.stream;
    Bytes out(deflateBound(&stream, static_cast<uLong>(input.size())));
    assert(out.size() <= std::numeric_limits<uInt>::max() && "a batch's length is an int32");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    stream.avail_in = zlib_count(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = zlib_count(out.size());
    [[maybe_unused]] const int result = ::deflate(&stream, Z_FINISH);
    assert(result == Z_STREAM_END && "deflateBound is room enough");
    out.resize(stream.total_out);
    return out;
}

Decompressed Compression::Contexts::gunzip(BytesView input, std::size_t limit) {
    if (!inflate.ready) {
        inflate.stream = {};
        if (inflateInit2(&inflate.stream, gzip_window_bits) != Z_OK) throw std::bad_alloc();
        inflate.ready = true;
    } else {
        inflateReset(&inflate.stream);
    }
    z_stream& stream = inflate.stream;
    Output out(limit);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    stream.avail_in = zlib_count(input.size());
    for (;;) {
        // At the limit one spare byte tells a stream that ends there from one that goes on.
        std::byte spare{};
        std::span<std::byte> room = out.room(first_guess(input));
        const bool at_limit = room.empty();
        if (at_limit) room = std::span(&spare, 1);
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = zlib_count(room.size());
        const uInt in_before = stream.avail_in;
        const uInt out_before = stream.avail_out;
        const int result = ::inflate(&stream, Z_NO_FLUSH);
        const std::size_t count = out_before - stream.avail_out;
        if (at_limit && count > 0) return too_large;
        out.wrote(count);
        if (result == Z_STREAM_END) {
            if (stream.avail_in == 0) return out.take();
            inflateReset(&stream);  // another member; next_in and avail_in stay
            continue;
        }
        if (result != Z_OK) return corrupt;
        // No progress although there was room: the input ends too early.
        if (count == 0 && in_before == stream.avail_in) return corrupt;
    }
}

Bytes Compression::Contexts::lz4(int level, BytesView input) {
    if (!lz4_compress) {
        LZ4F_cctx* made = nullptr;
        if (LZ4F_isError(LZ4F_createCompressionContext(&made, LZ4F_VERSION)) != 0) {
            throw std::bad_alloc();
        }
        lz4_compress.reset(made);
    }
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    // The Java client takes its fast compressor for the default level and the high-compression
    // one for all others; here that is LZ4F's level 0, and 3 to 12.
    constexpr int hc_level_min = 3;
    const bool fast = level == CompressionLevels{}.lz4;
    preferences.compressionLevel =
        fast ? 0 : std::clamp(level, hc_level_min, LZ4F_compressionLevel_max());
    Bytes out(LZ4F_compressFrameBound(input.size(), &preferences));
    const std::size_t begun =
        LZ4F_compressBegin(lz4_compress.get(), out.data(), out.size(), &preferences);
    assert(LZ4F_isError(begun) == 0);
    std::size_t used = begun;
    const std::size_t body =
        LZ4F_compressUpdate(lz4_compress.get(), out.data() + used, out.size() - used, input.data(),
                            input.size(), nullptr);
    assert(LZ4F_isError(body) == 0 && "compressFrameBound is room enough");
    used += body;
    const std::size_t ended =
        LZ4F_compressEnd(lz4_compress.get(), out.data() + used, out.size() - used, nullptr);
    assert(LZ4F_isError(ended) == 0 && "compressFrameBound is room enough");
    out.resize(used + ended);
    return out;
}

Decompressed Compression::Contexts::unlz4(BytesView input, std::size_t limit) {
    if (!lz4_decompress) {
        LZ4F_dctx* made = nullptr;
        if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0) {
            throw std::bad_alloc();
        }
        lz4_decompress.reset(made);
    }
    LZ4F_resetDecompressionContext(lz4_decompress.get());
    Output out(limit);
    for (;;) {
        std::byte spare{};
        std::span<std::byte> room = out.room(first_guess(input));
        const bool at_limit = room.empty();
        if (at_limit) room = std::span(&spare, 1);
        std::size_t read = input.size();
        std::size_t written = room.size();
        const std::size_t hint = LZ4F_decompress(lz4_decompress.get(), room.data(), &written,
                                                 input.data(), &read, nullptr);
        if (LZ4F_isError(hint) != 0) return corrupt;
        if (at_limit && written > 0) return too_large;
        out.wrote(written);
        input = input.subspan(read);
        if (hint == 0) {
            // One frame: Java's reader stops here too, so more bytes would be silently lost.
            if (!input.empty()) return corrupt;
            return out.take();
        }
        if (read == 0 && written == 0) return corrupt;  // the frame is cut short
    }
}

Bytes Compression::Contexts::zstd(int level, BytesView input) {
    if (!zstd_compress) {
        zstd_compress.reset(ZSTD_createCCtx());
        if (!zstd_compress) throw std::bad_alloc();
    }
    level = std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel());
    Bytes out(ZSTD_compressBound(input.size()));
    const std::size_t size = ZSTD_compressCCtx(zstd_compress.get(), out.data(), out.size(),
                                               input.data(), input.size(), level);
    if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // compressBound leaves no other reason
    out.resize(size);
    return out;
}

Decompressed Compression::Contexts::unzstd(BytesView input, std::size_t limit) {
    // In one go into the final place: a stream would allocate the window that the frame's header
    // asks for, 128 MiB in the worst case, whatever the limit.
    if (input.empty()) return corrupt;
    const auto size_max = zstd_size_max(input);
    if (!size_max) return corrupt;
    if (!zstd_decompress) {
        zstd_decompress.reset(ZSTD_createDCtx());
        if (!zstd_decompress) throw std::bad_alloc();
    }
    Bytes out(std::min(*size_max, limit));
    const std::size_t size = ZSTD_decompressDCtx(zstd_decompress.get(), out.data(), out.size(),
                                                 input.data(), input.size());
    if (ZSTD_isError(size) != 0) {
        const bool full = ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall;
        return full && *size_max > limit ? too_large : corrupt;
    }
    out.resize(size);
    return out;
}

Compression::Compression() : contexts_(std::make_unique<Contexts>()) {}
Compression::~Compression() = default;
Compression::Compression(Compression&&) noexcept = default;
Compression& Compression::operator=(Compression&&) noexcept = default;

Bytes Compression::compress(CompressionType type, const CompressionLevels& levels,
                            BytesView input) {
    switch (type) {
        case CompressionType::none:
            return {input.begin(), input.end()};
        case CompressionType::gzip:
            return contexts_->gzip(levels.gzip, input);
        case CompressionType::snappy:
            return xerial_snappy::compress(input);
        case CompressionType::lz4:
            return contexts_->lz4(levels.lz4, input);
        case CompressionType::zstd:
            return contexts_->zstd(levels.zstd, input);
    }
    assert(false && "not a codec");
    return {};
}

std::expected<Bytes, DecompressError> Compression::decompress(CompressionType type, BytesView input,
                                                              std::size_t limit) {
    switch (type) {
        case CompressionType::none:
            if (input.size() > limit) return too_large;
            return Bytes(input.begin(), input.end());
        case CompressionType::gzip:
            return contexts_->gunzip(input, limit);
        case CompressionType::snappy:
            return xerial_snappy::decompress(input, limit);
        case CompressionType::lz4:
            return contexts_->unlz4(input, limit);
        case CompressionType::zstd:
            return contexts_->unzstd(input, limit);
    }
    assert(false && "not a codec");
    return corrupt;
}

std::string_view name_of(CompressionType type) {
    constexpr std::array<std::string_view, 5> names{"none", "gzip", "snappy", "lz4", "zstd"};
    return names.at(static_cast<std::size_t>(type));
}

std::optional<CompressionType> compression_type_of(int number) {
    if (number < 0 || number > 4) return std::nullopt;
    return static_cast<CompressionType>(number);
}

}  // namespace mamba::protocol
