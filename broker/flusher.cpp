#include "broker/flusher.h"

#include <pthread.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "log/partition_log.h"
#include "log/storage.h"

namespace mamba::broker {

// The tickets of one round. Whoever takes an index runs its ticket.
struct Flusher::Job {
    std::vector<log::FlushTicket> tickets;
    std::vector<std::optional<log::Error>> errors;  // one a ticket
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> left{0};  // not yet run

    void run(log::Storage& storage) {
        for (;;) {
            const std::size_t index = next.fetch_add(1, std::memory_order_relaxed);
            if (index >= tickets.size()) return;
            if (auto done = tickets[index].run(storage); !done) errors[index] = done.error();
            if (left.fetch_sub(1, std::memory_order_acq_rel) == 1) left.notify_all();
        }
    }

    void wait() const {
        for (std::size_t now = left.load(std::memory_order_acquire); now != 0;
             now = left.load(std::memory_order_acquire)) {
            left.wait(now, std::memory_order_acquire);
        }
    }
};

Flusher::Flusher(log::Storage& storage, Options options)
    : storage_(storage), options_(std::move(options)) {
    assert(options_.threads >= 1);
    for (std::size_t i = 1; i < options_.threads; ++i) {
        helpers_.emplace_back([this] { run_helper(); });
    }
    rounds_ = std::jthread([this] { run_rounds(); });
}

Flusher::~Flusher() {
    stop();
}

void Flusher::request(std::shared_ptr<Flushable> log, FlushCause cause) {
    log->causes_.fetch_or(static_cast<std::uint8_t>(1 << static_cast<int>(cause)), std::memory_order_relaxed);
    // A round takes the mark away before it asks the log what to flush, so whoever finds the mark
    // set knows that its bytes will be in that round.
    if (log->flush_requested_.exchange(true, std::memory_order_acq_rel)) return;
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        wake = queue_.mark_dirty(std::move(log));
    }
    if (wake) work_.notify_one();
}

void Flusher::report_failure(const log::Error& error) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || reported_) return;
        reported_ = error;
    }
    work_.notify_one();
}

void Flusher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_one();
    if (rounds_.joinable()) rounds_.join();
    {
        const std::lock_guard lock(job_mutex_);
        helpers_stopping_ = true;
    }
    job_posted_.notify_all();
    helpers_.clear();  // joins
}

void Flusher::run_rounds() {
    pthread_setname_np(pthread_self(), "flush");
    for (;;) {
        Logs logs;
        std::optional<log::Error> reported;
        {
            std::unique_lock lock(mutex_);
            work_.wait(lock, [this] { return stopping_ || queue_.waiting() > 0 || (reported_ && !failure_); });
            if (!failure_) reported = reported_;
            logs = queue_.take_round();
            if (logs.empty() && !reported) return;
        }
        if (reported) fail(*reported);
        if (logs.empty()) continue;
        flush_round(logs);
        const std::lock_guard lock(mutex_);
        queue_.round_done();
    }
}

void Flusher::run_helper() {
    pthread_setname_np(pthread_self(), "flush-helper");
    std::uint64_t seen = 0;
    for (;;) {
        std::shared_ptr<Job> job;
        {
            std::unique_lock lock(job_mutex_);
            job_posted_.wait(lock, [&] { return helpers_stopping_ || jobs_posted_ != seen; });
            if (helpers_stopping_) return;
            seen = jobs_posted_;
            job = job_;
        }
        if (job) job->run(storage_);
    }
}

void Flusher::flush_round(const Logs& logs) {
    for (const auto& log : logs) log->flush_requested_.exchange(false, std::memory_order_acq_rel);
    if (failure_) {
        for (const auto& log : logs) log->flush_failed(*failure_);
        return;
    }

    const auto job = std::make_shared<Job>();
    Round round{.logs = logs.size(), .causes = {}};
    job->tickets.reserve(logs.size());
    for (const auto& log : logs) {
        job->tickets.push_back(log->begin_flush());
        round.files += job->tickets.back().files();
        round.bytes += job->tickets.back().bytes;
        round.causes |= FlushCauses(log->causes_.exchange(0, std::memory_order_relaxed));
        if (job->tickets.back().sealed_files > 0) round.causes.set(static_cast<std::size_t>(FlushCause::roll));
    }
    job->errors.resize(logs.size());
    round.method = log::flush_method_for(round.files);

    const auto start = std::chrono::steady_clock::now();
    if (round.method == log::FlushMethod::each_file) {
        flush_each(job);
    } else {
        flush_whole(*job);
    }
    round.duration = std::chrono::steady_clock::now() - start;

    const auto failed =
        std::ranges::find_if(job->errors, [](const auto& e) { return e.has_value(); });
    if (failed != job->errors.end()) fail(**failed);
    for (std::size_t i = 0; i < logs.size(); ++i) {
        if (job->errors[i]) {
            logs[i]->flush_failed(*job->errors[i]);
        } else {
            logs[i]->flushed(job->tickets[i]);
        }
    }
    if (options_.on_round) options_.on_round(round);
}

void Flusher::flush_each(const std::shared_ptr<Job>& job) {
    job->left.store(job->tickets.size(), std::memory_order_relaxed);
    const bool with_help = job->tickets.size() > 1 && !helpers_.empty();
    if (with_help) {
        {
            const std::lock_guard lock(job_mutex_);
            job_ = job;
            ++jobs_posted_;
        }
        job_posted_.notify_all();
    }
    job->run(storage_);
    job->wait();
    if (with_help) {
        const std::lock_guard lock(job_mutex_);
        job_.reset();
    }
}

void Flusher::flush_whole(Job& job) {
    std::expected<void, log::Error> done;
    for (const log::FlushTicket& ticket : job.tickets) {
        done = ticket.prepare_file_system_flush(storage_);
        if (!done) break;
    }
    if (done) done = storage_.flush_file_system(options_.log_dir);
    // One answer for all: what of it is stored cannot be told.
    if (!done) std::ranges::fill(job.errors, done.error());
}

void Flusher::fail(const log::Error& error) {
    failure_ = error;
    {
        const std::lock_guard lock(mutex_);
        queue_.fail();
    }
    if (options_.on_failure) options_.on_failure(error);
}

}  // namespace mamba::broker
