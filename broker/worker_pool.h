// A few threads for work that can stall: cold reads, file deletion, opening logs.
//
// io threads hand such work over here and get the result posted back, so that one slow disk access
// never holds up the other connections of a thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mamba::broker {

class WorkerPool {
public:
    using Task = std::move_only_function<void()>;

    // The threads are called NAME-0 and so on; at most 12 letters.
    explicit WorkerPool(std::size_t threads, const std::string& name = "work");
    ~WorkerPool();  // stop()
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // From any thread. After stop() the task is dropped.
    void submit(Task task);
    // Runs `count` tasks `each(i)` on the pool and waits for all of them. Not from a pool thread.
    void run_all(std::size_t count, const std::function<void(std::size_t)>& each);
    // Ends the threads once what was submitted has run. Idempotent.
    void stop();

    std::size_t threads() const { return threads_.size(); }

private:
    void run();

    std::mutex mutex_;
    std::condition_variable work_;
    std::deque<Task> tasks_;  // guarded by mutex_
    bool stopping_ = false;   // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace mamba::broker
