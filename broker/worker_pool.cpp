#include "broker/worker_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <utility>

namespace mamba::broker {

WorkerPool::WorkerPool(std::size_t threads, const std::string& name) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this, called = name + "-" + std::to_string(i)] {
            pthread_setname_np(pthread_self(), called.c_str());
            run();
        });
    }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::submit(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        tasks_.push_back(std::move(task));
    }
    work_.notify_one();
}

void WorkerPool::run_all(std::size_t count, const std::function<void(std::size_t)>& each) {
    std::atomic<std::size_t> next = 0;
    const std::size_t helpers = std::min(threads_.size(), count);
    std::latch done(static_cast<std::ptrdiff_t>(helpers));
    // Ends with the task, also with one that a stopped pool drops.
    struct Arrival {
        std::latch* done;
        explicit Arrival(std::latch& latch) : done(&latch) {}
        Arrival(Arrival&& other) noexcept : done(std::exchange(other.done, nullptr)) {}
        ~Arrival() {
            if (done != nullptr) done->count_down();
        }
    };
    const auto work = [&] {
        for (std::size_t item = next++; item < count; item = next++) each(item);
    };
    for (std::size_t i = 0; i < helpers; ++i) submit([&work, arrival = Arrival(done)] { work(); });
    work();  // the caller helps, and does all of it when the pool has stopped
    done.wait();
}

void WorkerPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void WorkerPool::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        Task task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
    }
}

}  // namespace mamba::broker
