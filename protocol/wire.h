// Reads and writes the primitive types of Kafka's wire: big-endian integers, varints, strings, bytes,
// array counts and tagged fields, in the classic and the flexible (KIP-482) form.
//
// Both ends are total. A Reader on any bytes gives values or an error, never an over-read, and the
// memory that it lets a message hold is paid from a budget that the input's size justifies. The first
// error sticks: every later read gives zeros, so a decoder checks once, at its end.
// Source: Apache Kafka protocol guide, "Protocol Primitive Types".
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/types.h"

namespace mamba::protocol {

using MessageVersion = std::int16_t;

enum class DecodeError : std::uint8_t {
    none,
    truncated,          // a value reaches past the end of the input
    negative_length,    // a length below -1, or -1 where null is not allowed
    malformed_varint,   // longer than its type
    too_many_elements,  // a count that the remaining bytes or the memory budget cannot hold
    bad_presence,       // a nullable struct that is neither absent (-1) nor present (1)
    tag_left_over,      // a tagged field is longer than its value
};

std::string_view describe(DecodeError error);

// Tagged fields that this version of the schema does not know; kept so that a message can be passed
// on unchanged. Nearly always empty, so it costs one pointer.
class UnknownTags {
public:
    struct Tag {
        std::uint32_t tag = 0;
        Bytes data;
        friend bool operator==(const Tag&, const Tag&) = default;
    };

    // What one more tag may cost beside its data: the vector, and its growth by doubling.
    static constexpr std::size_t memory_per_tag = 64 + 3 * sizeof(Tag);

    UnknownTags() = default;
    UnknownTags(const UnknownTags& other)
        : tags_(other.tags_ ? std::make_unique<std::vector<Tag>>(*other.tags_) : nullptr) {}
    UnknownTags(UnknownTags&&) noexcept = default;
    UnknownTags& operator=(UnknownTags other) noexcept {
        tags_.swap(other.tags_);
        return *this;
    }
    ~UnknownTags() = default;

    void add(std::uint32_t tag, BytesView data) {
        if (!tags_) tags_ = std::make_unique<std::vector<Tag>>();
        tags_->push_back({tag, Bytes(data.begin(), data.end())});
    }
    std::span<const Tag> all() const {
        return tags_ ? std::span<const Tag>(*tags_) : std::span<const Tag>();
    }
    friend bool operator==(const UnknownTags& a, const UnknownTags& b) {
        return std::ranges::equal(a.all(), b.all());
    }

private:
    std::unique_ptr<std::vector<Tag>> tags_;
};

// Bytes inside a received frame, comparable by content.
struct BytesInFrame : BytesView {
    BytesInFrame() = default;
    BytesInFrame(BytesView view) : BytesView(view) {}  // NOLINT: a view is a view
    friend bool operator==(BytesInFrame a, BytesInFrame b) { return std::ranges::equal(a, b); }
};

// The `records` field of an answer: bytes of its own, or a promise of `spliced` bytes that the sender
// puts in while sending (a slice of a segment file), so that records never enter user space.
struct Records {
    bool is_null = false;
    Bytes bytes;
    std::uint32_t spliced = 0;  // bytes; when not zero, `bytes` is empty
    std::uint32_t source = 0;   // the caller's name for what is spliced in

    friend bool operator==(const Records&, const Records&) = default;
};

class Reader {
public:
    explicit Reader(BytesView input) : Reader(input, budget_for(input.size())) {}
    // `memory_budget` bounds what the decoded message may hold on the heap, in bytes: array elements,
    // unknown tags and, in messages that own their data, strings and bytes.
    Reader(BytesView input, std::size_t memory_budget)
        : at_(input.data()), end_(input.data() + input.size()), budget_(memory_budget) {}

    // Four times the input's size. Honest messages of many small elements need more than that, such as
    // twelve bytes for a topic's name that are ninety in memory: sixteen times more is for them, and
    // no more than 4 MiB of it, so that it is nothing beside the input that would be worth an attack.
    static constexpr std::size_t budget_for(std::size_t input) {
        constexpr std::size_t least = 4096;
        constexpr std::size_t small_elements_max = std::size_t{4} << 20;
        return least + 4 * input + std::min(16 * input, small_elements_max);
    }

    bool ok() const { return error_ == DecodeError::none; }
    DecodeError error() const { return error_; }
    std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

    std::int8_t int8() { return fixed<std::int8_t>(); }
    std::int16_t int16() { return fixed<std::int16_t>(); }
    std::uint16_t uint16() { return fixed<std::uint16_t>(); }
    std::int32_t int32() { return fixed<std::int32_t>(); }
    std::uint32_t uint32() { return fixed<std::uint32_t>(); }
    std::int64_t int64() { return fixed<std::int64_t>(); }
    double float64() { return std::bit_cast<double>(fixed<std::uint64_t>()); }
    bool boolean() { return fixed<std::int8_t>() != 0; }
    Uuid uuid();
    std::uint32_t unsigned_varint();

    // Lengths: nullopt for null. `flexible` picks the compact form.
    std::optional<std::string_view> nullable_string(bool flexible);
    std::string_view string(bool flexible);
    std::optional<BytesView> nullable_bytes(bool flexible);
    BytesView bytes(bool flexible);

    // An array's count; nullopt for null. Fails when `count` elements of at least `wire_size_min`
    // bytes cannot be in what remains, or their memory exceeds the budget.
    std::optional<std::uint32_t> nullable_count(bool flexible, std::size_t wire_size_min,
                                                std::size_t memory_size);
    std::uint32_t count(bool flexible, std::size_t wire_size_min, std::size_t memory_size);

    // A nullable struct: true when it follows.
    bool present();

    // Hands each tagged field to `on_tag(tag, Reader&)`, whose reader ends where the field ends and
    // which returns false for a tag it does not know; those are kept in `unknown`.
    template <class OnTag>
    void tagged_fields(UnknownTags& unknown, OnTag on_tag);

    BytesView raw(std::size_t size) {
        if (!need(size)) return {};
        const BytesView view(at_, size);
        at_ += size;
        return view;
    }
    void fail(DecodeError error) {
        if (error_ == DecodeError::none) error_ = error;
        at_ = end_;
    }

    // Takes one allocation of `size` bytes from the budget; false, and failed, when it is spent.
    bool pay(std::size_t size) {
        const std::size_t cost = size == 0 ? 0 : size + allocation_overhead;
        if (cost <= budget_) {
            budget_ -= cost;
            return true;
        }
        fail(DecodeError::too_many_elements);
        return false;
    }

private:
    // What glibc's malloc adds to a block at most: its header and the rounding.
    static constexpr std::size_t allocation_overhead = 24;

    bool need(std::size_t size) {
        if (remaining() >= size) return true;
        fail(DecodeError::truncated);
        return false;
    }
    template <class Int>
    Int fixed() {
        if (!need(sizeof(Int))) return 0;
        std::make_unsigned_t<Int> value;
        std::memcpy(&value, at_, sizeof value);
        at_ += sizeof value;
        if constexpr (sizeof(Int) > 1) value = std::byteswap(value);
        return static_cast<Int>(value);
    }

    const std::byte* at_;
    const std::byte* end_;
    std::size_t budget_;
    DecodeError error_ = DecodeError::none;
};

template <class OnTag>
void Reader::tagged_fields(UnknownTags& unknown, OnTag on_tag) {
    const std::uint32_t fields = unsigned_varint();
    if (fields > remaining() / 2) return fail(DecodeError::too_many_elements);
    for (std::uint32_t i = 0; i < fields && ok(); ++i) {
        const std::uint32_t tag = unsigned_varint();
        const std::uint32_t size = unsigned_varint();
        const BytesView data = raw(size);
        if (!ok()) return;
        Reader field(data, budget_);
        if (on_tag(tag, field)) {
            if (!field.ok()) return fail(field.error());
            if (field.remaining() > 0) return fail(DecodeError::tag_left_over);
            budget_ = field.budget_;
        } else {
            if (!pay(UnknownTags::memory_per_tag) || !pay(data.size())) return;
            unknown.add(tag, data);
        }
    }
}

// Where spliced bytes belong in an encoded message: after `position` bytes of it.
struct Splice {
    std::size_t position = 0;
    std::uint32_t length = 0;
    std::uint32_t source = 0;
};

// Writes into a buffer whose vector is longer than what is written so far, so that an integer costs a
// comparison and a store.
class Writer {
public:
    Writer() = default;
    explicit Writer(std::size_t reserve) : buffer_(reserve) {}
    // Writes into the memory of `reused`, whose content is lost.
    explicit Writer(Bytes reused) : buffer_(std::move(reused)) {}
    Writer(Writer&& other) noexcept
        : buffer_(std::exchange(other.buffer_, {})),
          size_(std::exchange(other.size_, 0)),
          splices_(std::exchange(other.splices_, {})),
          cannot_carry_(std::exchange(other.cannot_carry_, nullptr)) {}
    Writer& operator=(Writer&& other) noexcept {
        buffer_ = std::exchange(other.buffer_, {});
        size_ = std::exchange(other.size_, 0);
        splices_ = std::exchange(other.splices_, {});
        cannot_carry_ = std::exchange(other.cannot_carry_, nullptr);
        return *this;
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() = default;

    void int8(std::int8_t v) { fixed(v); }
    void int16(std::int16_t v) { fixed(v); }
    void uint16(std::uint16_t v) { fixed(v); }
    void int32(std::int32_t v) { fixed(v); }
    void uint32(std::uint32_t v) { fixed(v); }
    void int64(std::int64_t v) { fixed(v); }
    void float64(double v) { fixed(std::bit_cast<std::uint64_t>(v)); }
    void boolean(bool v) { fixed<std::int8_t>(v ? 1 : 0); }
    void uuid(const Uuid& id) { raw(id.bytes); }
    void unsigned_varint(std::uint32_t v);

    void string(std::string_view text, bool flexible);
    void null_string(bool flexible);
    void bytes(BytesView data, bool flexible);
    void null_bytes(bool flexible);
    void records(const Records& records, bool flexible);
    void count(std::size_t n, bool flexible);
    void null_count(bool flexible);
    void raw(BytesView data) {
        if (!data.empty()) std::memcpy(room(data.size()), data.data(), data.size());
    }

    // A tagged field: its number, its size, its bytes.
    void tagged(std::uint32_t tag, const Writer& content);
    void tagged(const UnknownTags::Tag& tag);

    // The schema cannot carry `field` at this version, yet it holds more than its default.
    void cannot_carry(const char* field) {
        if (cannot_carry_ == nullptr) cannot_carry_ = field;
    }
    // The first field that was dropped although it held something; null when none was.
    const char* dropped_field() const { return cannot_carry_; }

    std::size_t size() const { return size_; }
    // `size()` and the bytes that are spliced in.
    std::size_t size_on_wire() const;
    std::span<const Splice> splices() const { return splices_; }
    BytesView view() const { return BytesView(buffer_).first(size_); }
    // What was written; the writer is then empty.
    Bytes take() {
        buffer_.resize(std::exchange(size_, 0));
        return std::exchange(buffer_, Bytes());
    }
    std::vector<Splice> take_splices() { return std::move(splices_); }

    // Overwrites four bytes written before; `position + 4` is within size().
    void put_int32_at(std::size_t position, std::int32_t v);

private:
    template <class Int>
    void fixed(Int v) {
        auto bits = static_cast<std::make_unsigned_t<Int>>(v);
        if constexpr (sizeof(Int) > 1) bits = std::byteswap(bits);
        std::memcpy(room(sizeof bits), &bits, sizeof bits);
    }
    // Where the next `size` bytes go; they count as written.
    std::byte* room(std::size_t size) {
        if (buffer_.size() - size_ < size) grow(size);
        return buffer_.data() + std::exchange(size_, size_ + size);
    }
    void grow(std::size_t size);

    Bytes buffer_;
    std::size_t size_ = 0;  // bytes written; the rest of buffer_ is room
    std::vector<Splice> splices_;
    const char* cannot_carry_ = nullptr;
};

}  // namespace mamba::protocol
