// A TCP proxy on loopback that breaks connections in the middle of what they carry.
//
// A broker whose advertised listener is the proxy's port is reached only through it. Each
// connection may be given a random number of bytes to live for, in both directions together, so
// the cut falls inside a request (the broker sees half of it) or inside an answer (the work is
// done, the client does not know). Bytes before the cut arrive, bytes after it never do.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace mamba::compat {

class TcpProxy {
public:
    // Listens at once; connections are passed on to the broker's `target_port`.
    TcpProxy(int target_port, std::uint32_t seed);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    int port() const { return port_; }

    // From now on every connection, open ones too, ends after 1 to `bytes_max` more bytes.
    void cut_within(std::size_t bytes_max) { bytes_max_ = bytes_max; }
    // Connections live again; those already cut stay so.
    void heal() { bytes_max_ = 0; }

    int cuts() const { return cuts_; }

private:
    void run();

    int target_port_;
    std::uint32_t seed_;
    int port_ = 0;
    int listener_ = -1;
    std::atomic<std::size_t> bytes_max_ = 0;  // 0: no faults
    std::atomic<int> cuts_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace mamba::compat
