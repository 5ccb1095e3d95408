// A broker under test: one child process on a free loopback port with a folder of its own.
//
// The environment variable MAMBA_COMPAT_BROKER=kafka runs the oracle, a real Apache Kafka, in
// place of ours: a suite that passes there tells what Kafka does, not what we believe of it.
//
// The harness throws std::runtime_error when the broker itself fails (does not start, does not
// stop); the message ends with the tail of the broker's log. The child dies with the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace mamba::compat {

// Kafka's setting names and values; they go to the broker as --override key=value.
using Settings = std::map<std::string, std::string>;

class BrokerProcess {
public:
    // True when the environment asks for the oracle.
    static bool is_oracle();

    // Takes a port and makes a folder; starts nothing. `settings` are added to ones that make
    // tests quick: few partitions of internal topics, no wait before a group's first rebalance.
    explicit BrokerProcess(Settings settings = {}, int port = 0);  // 0: any free one
    ~BrokerProcess();  // kills the process; removes the folder unless MAMBA_COMPAT_KEEP is set
    BrokerProcess(const BrokerProcess&) = delete;
    BrokerProcess& operator=(const BrokerProcess&) = delete;

    // Starts the process on the same port and folder as before and waits until it serves metadata.
    void start();

    // SIGKILL, as a crash: no clean shutdown.
    void kill();

    // SIGTERM, then waits. Returns the exit status as a shell would give it (128 + signal).
    int terminate();

    void restart_clean() {
        terminate();
        start();
    }
    void restart_after_kill() {
        kill();
        start();
    }

    bool running() const;
    pid_t pid() const { return pid_; }
    int port() const { return port_; }
    std::string bootstrap() const { return "127.0.0.1:" + std::to_string(port_); }
    // The broker's log dir: partition folders lie directly in it.
    std::filesystem::path data_folder() const { return folder_ / "data"; }
    // What the broker has printed, for assertions on its log lines.
    std::filesystem::path output_file() const { return folder_ / "broker.out"; }
    std::size_t resident_bytes() const;

    // For settings that take effect with the next start().
    void set(const std::string& key, const std::string& value) { settings_[key] = value; }

    static constexpr std::chrono::seconds start_time_max{60};
    static constexpr std::chrono::seconds stop_time_max{30};

private:
    void spawn();
    bool serves_metadata() const;
    std::string output_tail() const;

    Settings settings_;
    std::filesystem::path folder_;
    int port_;
    pid_t pid_ = -1;
};

// A loopback port that was free a moment ago, from below the range that the kernel gives to
// outgoing connections: a client's socket cannot take it while the broker is down.
int free_port();

}  // namespace mamba::compat
