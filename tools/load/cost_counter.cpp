// Preloaded into a broker by tools/hot-path: counts what it asks of malloc, and what it copies by
// memcpy and memmove, into a file that the script reads while the broker runs.
//
//     LD_PRELOAD=libcost_counter.so MAMBA_COST_COUNTER=/tmp/counts mambamq ...
//     file := allocations uint64   allocated bytes uint64   copies uint64   copied bytes uint64
//
// Small copies that the compiler writes out in place are not seen; a copy of records is.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

struct Counts {
    std::atomic<std::uint64_t> allocations;
    std::atomic<std::uint64_t> allocated_bytes;
    std::atomic<std::uint64_t> copies;
    std::atomic<std::uint64_t> copied_bytes;
};

Counts* open_counts() {
    const char* path = std::getenv("MAMBA_COST_COUNTER");
    if (path == nullptr) return nullptr;
    const int fd = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || ::ftruncate(fd, sizeof(Counts)) != 0) return nullptr;
    void* at = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    return at == MAP_FAILED ? nullptr : static_cast<Counts*>(at);
}

Counts* counts = nullptr;  // malloc is called before any constructor: nothing is counted then

__attribute__((constructor)) void begin() { counts = open_counts(); }

void count_allocation(std::size_t size) {
    if (counts == nullptr) return;
    counts->allocations.fetch_add(1, std::memory_order_relaxed);
    counts->allocated_bytes.fetch_add(size, std::memory_order_relaxed);
}

void count_copy(std::size_t size) {
    if (counts == nullptr) return;
    counts->copies.fetch_add(1, std::memory_order_relaxed);
    counts->copied_bytes.fetch_add(size, std::memory_order_relaxed);
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);

void* malloc(std::size_t size) {
    count_allocation(size);
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
    count_allocation(count * size);
    return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
    count_allocation(size);
    return __libc_realloc(block, size);
}

void* memcpy(void* __restrict to, const void* __restrict from, std::size_t size) {
    count_copy(size);
    void* at = to;
    asm volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
    return to;
}

void* __memcpy_chk(void* to, const void* from, std::size_t size, std::size_t) {
    return memcpy(to, from, size);
}

void* memmove(void* to, const void* from, std::size_t size) {
    const bool is_clear = static_cast<const char*>(to) >= static_cast<const char*>(from) + size;
    if (to <= from || is_clear) return memcpy(to, from, size);
    count_copy(size);
    auto* last_to = static_cast<char*>(to) + size - 1;
    const auto* last_from = static_cast<const char*>(from) + size - 1;
    asm volatile("std; rep movsb; cld" : "+D"(last_to), "+S"(last_from), "+c"(size) : : "memory");
    return to;
}

void* __memmove_chk(void* to, const void* from, std::size_t size, std::size_t) {
    return memmove(to, from, size);
}
}
