// A hash map whose copies share what they have in common, so that a snapshot costs little.
//
// Entries lie in a fixed number of buckets held by shared pointer. A copy copies the pointers; a
// change copies one bucket. Two versions are compared bucket by bucket, skipping those they share,
// so the difference of neighbouring versions costs about as much as the change that made it.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "protocol/types.h"

namespace mamba::broker {

// Hashes a string and a view of it alike, so that a look-up makes no string.
struct SharedMapHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
    std::size_t operator()(const std::string& text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
    std::size_t operator()(const Uuid& id) const noexcept { return std::hash<Uuid>{}(id); }
};

template <class Key, class Value>
class SharedMap {
public:
    // Null when there is no such key; valid while any copy that holds this version lives.
    template <class Wanted>
    const Value* find(const Wanted& key) const {
        const auto& bucket = buckets_[bucket_of(key)];
        if (!bucket) return nullptr;
        const auto at = bucket->find(key);
        return at == bucket->end() ? nullptr : &at->second;
    }
    template <class Wanted>
    bool contains(const Wanted& key) const {
        return find(key) != nullptr;
    }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    void put(const Key& key, Value value) {
        Bucket& bucket = own(bucket_of(key));
        if (bucket.insert_or_assign(key, std::move(value)).second) ++size_;
    }
    void erase(const Key& key) {
        if (!contains(key)) return;
        own(bucket_of(key)).erase(key);
        --size_;
    }

    // Calls `visit(key, value)` for each entry, in no order that means anything.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const auto& bucket : buckets_) {
            if (!bucket) continue;
            for (const auto& [key, value] : *bucket) visit(key, value);
        }
    }

    // Calls `visit(key, before, after)` for each key whose value differs; null: not there.
    template <class Visit>
    static void for_each_difference(const SharedMap& before, const SharedMap& after, Visit visit) {
        static const Bucket none;
        for (std::size_t i = 0; i < bucket_count; ++i) {
            if (before.buckets_[i] == after.buckets_[i]) continue;
            const Bucket& old_bucket = before.buckets_[i] ? *before.buckets_[i] : none;
            const Bucket& new_bucket = after.buckets_[i] ? *after.buckets_[i] : none;
            for (const auto& [key, value] : old_bucket) {
                const auto now = new_bucket.find(key);
                if (now == new_bucket.end()) {
                    visit(key, &value, static_cast<const Value*>(nullptr));
                } else if (!(now->second == value)) {
                    visit(key, &value, &now->second);
                }
            }
            for (const auto& [key, value] : new_bucket) {
                if (!old_bucket.contains(key)) visit(key, static_cast<const Value*>(nullptr), &value);
            }
        }
    }

private:
    using Bucket = std::unordered_map<Key, Value, SharedMapHash, std::equal_to<>>;
    static constexpr std::size_t bucket_count = 256;

    template <class Wanted>
    static std::size_t bucket_of(const Wanted& key) {
        // The inner map takes the low bits; the high ones choose the bucket.
        return (SharedMapHash{}(key) >> 40) % bucket_count;
    }
    // The bucket as one that nobody else sees.
    Bucket& own(std::size_t index) {
        auto& bucket = buckets_[index];
        auto copy = bucket ? std::make_shared<Bucket>(*bucket) : std::make_shared<Bucket>();
        Bucket& writable = *copy;
        bucket = std::move(copy);
        return writable;
    }

    std::array<std::shared_ptr<const Bucket>, bucket_count> buckets_;
    std::size_t size_ = 0;
};

}  // namespace mamba::broker
