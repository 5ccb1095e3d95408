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
// goes offline. Sources: DESIGN section 7; `log.flush.on.acks.all`.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
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
struct LogPosition;
}  // namespace mamba::log

namespace mamba::broker {

// A log that can be flushed. Called from the flusher's own thread, never from request().
class Flushable {
public:
    virtual ~Flushable() = default;

    // What has to reach the disk, and how far the log is stored once it did.
    virtual log::FlushTicket begin_flush() = 0;
    virtual void flushed(log::LogPosition upto) = 0;
    virtual void flush_failed(const log::Error& error) = 0;

private:
    friend class Flusher;
    std::atomic<bool> flush_requested_{false};  // and no round has taken it yet
};

class Flusher {
public:
    // One round as it went, for metrics.
    struct Round {
        std::size_t logs = 0;
        std::size_t files = 0;
        log::FlushMethod method = log::FlushMethod::each_file;
        std::chrono::nanoseconds duration{};  // of the flush itself
    };
    struct Options {
        std::string log_dir;
        std::size_t threads = 8;  // fdatasync calls side by side
        // Both are called on the flusher's threads and may be empty.
        std::function<void(const Round&)> on_round;
        std::function<void(const log::Error&)> on_failure;
    };

    // `storage` outlives the flusher.
    Flusher(log::Storage& storage, Options options);
    ~Flusher();  // stop()
    Flusher(const Flusher&) = delete;
    Flusher& operator=(const Flusher&) = delete;

    // The log has bytes that are to be stored. Cheap: one atomic exchange when the log is queued
    // already, else a short mutex; an idle flusher is woken once. Nothing happens after stop().
    void request(std::shared_ptr<Flushable> log);

    // Serves what was requested so far, then ends the threads. Idempotent.
    void stop();

private:
    struct Job;

    void run_rounds();
    void run_helper();
    void flush_round(const std::vector<std::shared_ptr<Flushable>>& logs);
    std::optional<log::Error> flush_files(Job& job);

    log::Storage& storage_;
    Options options_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable work_;
    log::FlushQueue<std::shared_ptr<Flushable>> queue_;
    std::optional<log::Error> failure_;
    bool stopping_ = false;

    std::mutex job_mutex_;  // guards job_ and helpers_stopping_
    std::condition_variable job_posted_;
    std::shared_ptr<Job> job_;
    bool helpers_stopping_ = false;

    std::vector<std::jthread> helpers_;
    std::jthread rounds_;
};

}  // namespace mamba::broker
