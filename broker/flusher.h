// Flushes the logs of one log dir: appends ask for it, rounds serve all that asked meanwhile, so
// the cost per record falls as load rises. The deciding core is log/flush_queue.h; this is its
// shell.
//
//     append --request()--> queue --round--> begin_flush() of each log: what to store, up to where
//                                            fdatasync of the files side by side, or one syncfs
//                                            flushed() or flush_failed() of each log
//
// One thread per log dir runs the rounds; a few more help with fdatasync while a round has several
// files. The first flush that fails ends it: that log and every log of a later request get
// flush_failed(), nothing is flushed again, and `on_failure` is called once, so that the log dir
// goes offline. A write that failed does the same by report_failure(): a disk that refuses one is no
// longer trusted with others. Setting: `log.flush.on.acks.all`.
#pragma once

#include <atomic>
#include <bitset>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "log/error.h"
#include "log/flush_queue.h"

namespace mamba::log {
class Storage;
struct FlushTicket;
}  // namespace mamba::log

namespace mamba::broker {

// What made a round flush a log.
enum class FlushCause : std::uint8_t {
    acks,       // a client waits for its records to be stored
    groups,     // likewise the group coordinator: commits, and who is in which group
    unawaited,  // records that were acknowledged before
    roll,       // a segment was full, and the next one begun
};
inline constexpr std::size_t flush_causes = 4;
using FlushCauses = std::bitset<flush_causes>;

// A log that can be flushed. Called from the flusher's own thread, never from request().
class Flushable {
public:
    virtual ~Flushable() = default;

    // What has to reach the disk; the answer for one that did.
    virtual log::FlushTicket begin_flush() = 0;
    virtual void flushed(const log::FlushTicket& ticket) = 0;
    virtual void flush_failed(const log::Error& error) = 0;

private:
    friend class Flusher;
    std::atomic<bool> flush_requested_{false};  // and no round has taken it yet
    std::atomic<std::uint8_t> causes_{0};       // of these requests, a bit each
};

class Flusher {
public:
    // One round as it went, for metrics.
    struct Round {
        std::size_t logs = 0;
        std::size_t files = 0;
        std::uint64_t bytes = 0;
        FlushCauses causes;
        log::FlushMethod method = log::FlushMethod::each_file;
        std::chrono::nanoseconds duration{};  // of the flush itself
    };
    struct Options {
        std::string log_dir;
        std::size_t threads = 4;  // fdatasync calls side by side, from 1 on
        // Both are called on the flusher's threads and may be empty.
        std::function<void(const Round&)> on_round;
        std::function<void(const log::Error&)> on_failure;
    };

    // `storage` outlives the flusher.
    Flusher(log::Storage& storage, Options options);
    ~Flusher();  // stop()
    Flusher(const Flusher&) = delete;
    Flusher& operator=(const Flusher&) = delete;

    // The log has bytes that are to be stored. Cheap: two atomic operations when the log is
    // queued already, else a short mutex too; an idle flusher is woken once. Nothing happens after stop().
    void request(std::shared_ptr<Flushable> log, FlushCause cause);

    // Logs that wait for the next round.
    std::size_t waiting() {
        const std::lock_guard lock(mutex_);
        return queue_.waiting();
    }

    // The disk has failed elsewhere. The rounds' thread carries on as if a flush had; the caller may
    // hold no log's mutex.
    void report_failure(const log::Error& error);

    // Serves what was requested so far, then ends the threads. Idempotent.
    void stop();

private:
    struct Job;
    using Logs = std::vector<std::shared_ptr<Flushable>>;

    void run_rounds();
    void run_helper();
    void flush_round(const Logs& logs);
    void flush_each(const std::shared_ptr<Job>& job);
    void flush_whole(Job& job);
    void fail(const log::Error& error);

    log::Storage& storage_;
    const Options options_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable work_;
    log::FlushQueue<std::shared_ptr<Flushable>> queue_;
    std::optional<log::Error> reported_;
    bool stopping_ = false;

    std::optional<log::Error> failure_;  // of the rounds' thread alone

    std::mutex job_mutex_;  // guards what follows
    std::condition_variable job_posted_;
    std::shared_ptr<Job> job_;
    std::uint64_t jobs_posted_ = 0;
    bool helpers_stopping_ = false;

    std::vector<std::jthread> helpers_;
    std::jthread rounds_;
};

}  // namespace mamba::broker
