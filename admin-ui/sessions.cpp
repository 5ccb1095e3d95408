#include "admin-ui/sessions.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace mamba::admin {
namespace {

std::string digest_of(std::string_view id) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(id.data()), id.size(), digest.data());
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

void fill_with_secret(std::span<std::byte> bytes) {
    const int done = ::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    assert(done == 1);  // OpenSSL has no entropy only where nothing else works either
    static_cast<void>(done);
}

std::string random_secret(std::size_t bytes) {
    Bytes random(bytes);
    fill_with_secret(random);
    std::string text;
    constexpr std::string_view digits = "0123456789abcdef";
    for (const std::byte byte : random) {
        text += digits[std::to_integer<std::size_t>(byte) >> 4];
        text += digits[std::to_integer<std::size_t>(byte) & 15];
    }
    return text;
}

bool equal_secrets(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Sessions::Opened Sessions::open(std::string principal, Timestamp now) {
    Opened opened{random_secret(32), {std::move(principal), random_secret(32), now + age_ms_max}};
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= sessions_max) {
        entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.used; }));
    }
    entries_.emplace(digest_of(opened.id), Entry{opened.session, now});
    return opened;
}

std::optional<Session> Sessions::find(std::string_view id, Timestamp now) {
    if (id.empty()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(digest_of(id));
    if (found == entries_.end()) return std::nullopt;
    Entry& entry = found->second;
    if (now >= entry.session.expires || now - entry.used >= idle_ms_max) {
        entries_.erase(found);
        return std::nullopt;
    }
    entry.used = now;
    return entry.session;
}

void Sessions::close(std::string_view id) {
    const std::lock_guard lock(mutex_);
    entries_.erase(digest_of(id));
}

}  // namespace mamba::admin
