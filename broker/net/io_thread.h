// One thread, its event loop, and what its connections share: receive buffers, timers, and the
// queue through which other threads hand finished work back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "broker/executor.h"
#include "broker/net/buffer_pool.h"

namespace mamba::broker::net {

namespace asio = boost::asio;

class IoThread final : public Executor {
public:
    explicit IoThread(int index);
    ~IoThread() override;
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    void start();
    // Runs what is ready on the calling thread; in place of start(), for tests.
    void poll();
    // Ends the loop and joins the thread; what has not run by then never does.
    void stop();

    void post(Task task) override;
    void run_at(Instant when, Task task) override;
    bool is_this_thread() const override;

    // Runs `task` once, at the end of the current turn: answers of many requests leave together.
    void at_turn_end(Task task) { turn_end_.push_back(std::move(task)); }
    void end_turn();

    asio::io_context& context() { return context_; }
    BufferPool& buffers() { return buffers_; }
    int index() const { return index_; }
    bool is_running() const { return thread_.joinable(); }

private:
    struct Timed {
        Instant when;
        std::uint64_t order;
        mutable Task task;  // moved out of the queue's const top
        friend bool operator<(const Timed& a, const Timed& b) {
            return a.when != b.when ? a.when > b.when : a.order > b.order;
        }
    };

    void drain();
    void arm_timer();
    void on_timer();

    const int index_;
    BufferPool buffers_;  // before the context: connections die with its last handlers
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    asio::steady_timer timer_;
    std::priority_queue<Timed> timed_;
    std::uint64_t timed_order_ = 0;
    Instant armed_for_ = Instant::max();
    std::vector<Task> turn_end_;

    std::mutex mutex_;
    std::vector<Task> posted_;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace mamba::broker::net
