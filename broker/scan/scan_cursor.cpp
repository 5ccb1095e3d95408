#include "broker/scan/scan_cursor.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cassert>
#include <optional>

namespace mamba::broker {
namespace {

constexpr std::byte version{1};
constexpr std::size_t signature_bytes = 32;
constexpr std::size_t filter_bytes = 16;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64(BytesView bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::byte byte : bytes) {
        bits = (bits << 8) | std::to_integer<std::uint32_t>(byte);
        for (count += 8; count >= 6; count -= 6) text.push_back(alphabet[(bits >> (count - 6)) & 63]);
    }
    if (count > 0) text.push_back(alphabet[(bits << (6 - count)) & 63]);
    return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
    Bytes bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = alphabet.find(c);
        if (value == alphabet.npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<std::byte>((bits >> count) & 0xFF));
    }
    return bytes;
}

void put_number(Bytes& out, std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value);
    for (; bits >= 0x80; bits >>= 7) out.push_back(static_cast<std::byte>(bits | 0x80));
    out.push_back(static_cast<std::byte>(bits));
}

void put_text(Bytes& out, std::string_view text) {
    put_number(out, static_cast<std::int64_t>(text.size()));
    const BytesView bytes = as_bytes(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

// Only bytes that we have signed are read.
class Reader {
public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}

    BytesView take(std::size_t size) {
        assert(size <= rest_.size());
        const BytesView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    std::int64_t number() {
        std::uint64_t bits = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = std::to_integer<std::uint64_t>(take(1).front());
            bits |= (byte & 0x7F) << shift;
            if (byte < 0x80) return static_cast<std::int64_t>(bits);
        }
    }

private:
    BytesView rest_;
};

void put_test(Bytes& out, const FilterTest& test) {
    out.push_back(static_cast<std::byte>(test.op));
    out.push_back(static_cast<std::byte>(test.negated));
    put_text(out, test.text);
}

// Every field with its length or presence, so that two filters never give the same bytes.
Bytes hash_of(const FilterSpec& filter) {
    Bytes fields;
    for (const auto& test : {filter.key, filter.value}) {
        fields.push_back(static_cast<std::byte>(test.has_value()));
        if (test) put_test(fields, *test);
    }
    put_number(fields, static_cast<std::int64_t>(filter.headers.size()));
    for (const HeaderFilterTest& header : filter.headers) {
        put_text(fields, header.name);
        put_test(fields, header.test);
    }
    put_text(fields, filter.expression);
    Bytes hash(32);
    const int done = EVP_Digest(fields.data(), fields.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
                                EVP_sha256(), nullptr);
    assert(done == 1);
    hash.resize(filter_bytes);
    return hash;
}

Bytes sign(const ScanCursors::Key& key, BytesView bytes) {
    Bytes signature(signature_bytes);
    const auto* message = reinterpret_cast<const unsigned char*>(bytes.data());
    const unsigned char* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message, bytes.size(),
                                     reinterpret_cast<unsigned char*>(signature.data()), nullptr);
    assert(done != nullptr);
    return signature;
}

}  // namespace

std::string ScanCursors::seal(const ScanCursor& cursor, const Uuid& topic_id, const FilterSpec& filter) const {
    Bytes bytes{version};
    bytes.insert(bytes.end(), topic_id.bytes.begin(), topic_id.bytes.end());
    const Bytes hash = hash_of(filter);
    bytes.insert(bytes.end(), hash.begin(), hash.end());
    bytes.push_back(static_cast<std::byte>(cursor.order));
    bytes.push_back(static_cast<std::byte>(cursor.isolation));
    put_number(bytes, static_cast<std::int64_t>(cursor.ranges.size()));
    for (const ScanRange& range : cursor.ranges) {
        put_number(bytes, range.partition.value);
        put_number(bytes, range.low.value);
        put_number(bytes, range.high == no_scan_end ? 0 : range.high - range.low + 1);
    }
    const Bytes signature = sign(key_, bytes);
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    return to_base64(bytes);
}

std::expected<ScanCursor, std::string> ScanCursors::open(std::string_view text, const Uuid& topic_id,
                                                         const FilterSpec& filter) const {
    const std::unexpected<std::string> not_ours(
        "the cursor is none that this broker has given since it was started; begin the search anew");
    if (text.size() > text_bytes_max) return not_ours;
    const auto bytes = from_base64(text);
    if (!bytes || bytes->size() <= signature_bytes) return not_ours;
    const BytesView signed_bytes = BytesView(*bytes).first(bytes->size() - signature_bytes);
    const Bytes signature = sign(key_, signed_bytes);
    if (CRYPTO_memcmp(signature.data(), signed_bytes.data() + signed_bytes.size(), signature_bytes) != 0) {
        return not_ours;
    }
    Reader reader(signed_bytes);
    if (reader.take(1).front() != version) return not_ours;
    if (!std::ranges::equal(reader.take(topic_id.bytes.size()), topic_id.bytes)) {
        return std::unexpected("the cursor is of another topic, or of one that had this name before");
    }
    if (!std::ranges::equal(reader.take(filter_bytes), hash_of(filter))) {
        return std::unexpected("the filter has changed; begin the search anew");
    }
    ScanCursor cursor;
    cursor.order = static_cast<ScanOrder>(reader.take(1).front());
    cursor.isolation = static_cast<ScanIsolation>(reader.take(1).front());
    for (std::int64_t left = reader.number(); left > 0; --left) {
        ScanRange range;
        range.partition = PartitionIndex(static_cast<std::int32_t>(reader.number()));
        range.low = Offset(reader.number());
        const std::int64_t length = reader.number();
        range.high = length == 0 ? no_scan_end : range.low + (length - 1);
        cursor.ranges.push_back(range);
    }
    return cursor;
}

}  // namespace mamba::broker
