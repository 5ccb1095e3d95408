#include "tests/protocol/wire_vectors.h"

#include <zstd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace mamba::protocol::testing {
namespace {

constexpr std::size_t unpacked_bytes_max = std::size_t{64} << 20;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot open " + path.string());
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Bytes unpack(const std::string& packed) {
    const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size > unpacked_bytes_max) throw std::runtime_error("the vectors' size is not plausible");
    Bytes unpacked(size);
    const std::size_t got =
        ZSTD_decompress(unpacked.data(), unpacked.size(), packed.data(), packed.size());
    if (ZSTD_isError(got) != 0 || got != unpacked.size()) {
        throw std::runtime_error("the vectors do not unpack");
    }
    return unpacked;
}

}  // namespace

std::vector<WireVector> read_wire_vectors(const std::filesystem::path& path) {
    const Bytes unpacked = unpack(read_file(path));
    std::vector<WireVector> vectors;
    Reader in(unpacked);
    while (in.remaining() > 0) {
        WireVector vector;
        const auto name_length = static_cast<std::uint8_t>(in.int8());
        vector.message = as_text(in.raw(name_length));
        vector.version = in.int16();
        const BytesView bytes = in.raw(in.uint32());
        vector.bytes.assign(bytes.begin(), bytes.end());
        if (!in.ok()) throw std::runtime_error("the vectors end in the middle of one");
        vectors.push_back(std::move(vector));
    }
    return vectors;
}

}  // namespace mamba::protocol::testing
