// What one connection has done, for the console and the metrics.
//
// Written by the connection's thread alone, read by others at any time: plain loads and stores of
// relaxed atomics, so counting costs no lock and shares no cache line with another writer.
#pragma once

#include <atomic>
#include <cstdint>

namespace mamba::broker {

// A counter with a single writer.
class Counter {
public:
    void add(std::uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
    void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) ConnectionStats {
    Counter requests;
    Counter bytes_in;
    Counter bytes_out;
    Counter turns;       // receives that held at least one whole frame
    Counter in_flight;   // requests without an answer yet
    Counter unsent;      // bytes of answers that the client has not taken
    Counter send_blocks; // times that the socket took no more
    Counter errors;      // answers that carry an error
};

}  // namespace mamba::broker
