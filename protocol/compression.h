// The compression codecs of record batches, each with a limit on what comes out.
//
//     gzip    RFC 1952, several members in a row allowed
//     snappy  written with the framing of Java's snappy library, read with or without it
//     lz4     one LZ4 frame (magic 0x184D2204), written with independent blocks of 64 KiB, since
//             Java's clients refuse linked ones
//     zstd    one or more Zstandard frames
//
// decompress() is total: any bytes give a value or an error; it never gives more than `limit` bytes
// and never holds more than `limit` plus 16 MiB. Source: KIP-390 (levels), KIP-57 (LZ4 framing),
// KIP-110 (zstd).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>

#include "protocol/types.h"

namespace mamba::protocol {

// The low three bits of a batch's attributes.
enum class CompressionType : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

// Kafka's spelling, such as "gzip"; "none" for none.
std::string_view name_of(CompressionType type);

// None for a number that no codec has.
std::optional<CompressionType> compression_type_of(int number);

// The topic settings compression.{gzip,lz4,zstd}.level with Kafka's ranges and defaults.
struct CompressionLevels {
    int gzip = -1;  // 1..9, -1: zlib's default
    int lz4 = 9;    // 1..17; 9 is Kafka's default and means the fast compressor
    int zstd = 3;   // -131072..22

    friend bool operator==(const CompressionLevels&, const CompressionLevels&) = default;
};

enum class DecompressError : std::uint8_t {
    corrupt,    // not a complete stream of this codec
    too_large,  // more than `limit` bytes would come out
};

// The working memory of the codecs, made at first use and used again. One caller at a time.
class Compression {
public:
    Compression();
    ~Compression();
    Compression(Compression&&) noexcept;
    Compression& operator=(Compression&&) noexcept;

    // Levels outside their range are taken as the nearest end. `none` gives a copy of `input`.
    Bytes compress(CompressionType type, const CompressionLevels& levels, BytesView input);

    std::expected<Bytes, DecompressError> decompress(CompressionType type, BytesView input,
                                                     std::size_t limit);

private:
    struct Contexts;
    std::unique_ptr<Contexts> contexts_;
};

}  // namespace mamba::protocol
