// What a job is told, how it waits, and how it says that something is not as it should be.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace jobs {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Settings = std::map<std::string, std::string>;

constexpr auto patience = 60s;
constexpr int call_ms_max = 30'000;

inline std::string environment(const char* key) {
    const char* value = std::getenv(key);
    if (value == nullptr) throw std::runtime_error(std::string(key) + " is not set");
    return value;
}

// A name of this job's own, for a topic or a group.
inline std::string name(const std::string& suffix) {
    return environment("PREFIX") + "-" + suffix;
}

inline void expect(bool condition, const std::string& sentence) {
    if (!condition) throw std::runtime_error(sentence);
}

inline void expect_ok(const std::string& what, RdKafka::ErrorCode error) {
    expect(error == RdKafka::ERR_NO_ERROR, what + ": " + RdKafka::err2str(error));
}

inline void expect_error(const std::string& what, rd_kafka_resp_err_t got, rd_kafka_resp_err_t wanted) {
    expect(got == wanted,
           what + " gives " + rd_kafka_err2name(got) + ", not " + rd_kafka_err2name(wanted));
}

// Calls `condition`, which may itself wait a little, until it holds.
inline void wait_for(const std::string& what, const std::function<bool()>& condition) {
    const auto deadline = Clock::now() + patience;
    while (!condition()) {
        expect(Clock::now() < deadline, what + " did not come within 60 s");
        std::this_thread::sleep_for(10ms);
    }
}

inline void broker_control(const std::string& command) {
    const std::string line = "\"$BROKER_CONTROL\" " + command;
    expect(std::system(line.c_str()) == 0, "the broker was not restarted");
}

inline std::unique_ptr<RdKafka::Conf> configuration(const Settings& settings) {
    std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
    std::string reason;
    const auto set = [&](const std::string& key, const std::string& value) {
        expect(conf->set(key, value, reason) == RdKafka::Conf::CONF_OK, reason);
    };
    set("bootstrap.servers", environment("BOOTSTRAP"));
    for (const auto& [key, value] : settings) set(key, value);
    return conf;
}

}  // namespace jobs
