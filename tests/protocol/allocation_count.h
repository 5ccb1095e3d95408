// Counts what this program takes from the heap. Linking allocation_count.cpp replaces operator new.
#pragma once

#include <cstddef>

namespace mamba::protocol::testing {

// Watches the heap from its construction on; one at a time, one thread.
class AllocationCount {
public:
    AllocationCount();
    std::size_t peak_bytes() const;   // most bytes held at once beyond those held at the start
    std::size_t allocations() const;  // how many times memory was asked for
};

}  // namespace mamba::protocol::testing
