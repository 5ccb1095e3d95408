#include "tests/protocol/allocation_count.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t live = 0;
std::size_t peak = 0;
std::size_t count = 0;
std::size_t live_at_start = 0;

}  // namespace

void* operator new(std::size_t size) {
    void* memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    live += malloc_usable_size(memory);
    peak = std::max(peak, live);
    ++count;
    return memory;
}

void operator delete(void* memory) noexcept {
    if (memory != nullptr) live -= malloc_usable_size(memory);
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace mamba::protocol::testing {

AllocationCount::AllocationCount() {
    live_at_start = live;
    peak = live;
    count = 0;
}

std::size_t AllocationCount::peak_bytes() const { return peak - live_at_start; }
std::size_t AllocationCount::allocations() const { return count; }

}  // namespace mamba::protocol::testing
