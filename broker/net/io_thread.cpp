#include "broker/net/io_thread.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <string>

namespace mamba::broker::net {
namespace {

thread_local const IoThread* current_thread = nullptr;

}  // namespace

IoThread::IoThread(int index)
    : index_(index), work_(asio::make_work_guard(context_)), timer_(context_) {}

IoThread::~IoThread() { stop(); }

void IoThread::start() {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), ("io-" + std::to_string(index_)).c_str());
        current_thread = this;
        context_.run();
    });
}

void IoThread::poll() {
    current_thread = this;
    context_.poll();
}

void IoThread::stop() {
    if (!thread_.joinable()) return;
    context_.stop();
    thread_.join();
}

void IoThread::post(Task task) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        wake = posted_.empty();  // whoever found it empty wakes the loop, once for all that follow
        posted_.push_back(std::move(task));
    }
    if (wake) asio::post(context_, [this] { drain(); });
}

void IoThread::drain() {
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(mutex_);
        tasks.swap(posted_);
    }
    for (Task& task : tasks) task();
    end_turn();
}

void IoThread::end_turn() {
    // A task may add another one: a flushed connection that has room reads on.
    while (!turn_end_.empty()) {
        std::vector<Task> tasks;
        tasks.swap(turn_end_);
        for (Task& task : tasks) task();
        if (turn_end_.empty()) {
            tasks.clear();
            turn_end_.swap(tasks);  // keeps the capacity
        }
    }
}

void IoThread::run_at(Instant when, Task task) {
    timed_.push({when, timed_order_++, std::move(task)});
    if (when < armed_for_) arm_timer();
}

void IoThread::arm_timer() {
    armed_for_ = timed_.top().when;
    timer_.expires_at(armed_for_);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) on_timer();
    });
}

void IoThread::on_timer() {
    armed_for_ = Instant::max();
    const Instant now = std::chrono::steady_clock::now();
    while (!timed_.empty() && timed_.top().when <= now) {
        Task task = std::move(timed_.top().task);
        timed_.pop();
        task();
    }
    end_turn();
    if (!timed_.empty() && timed_.top().when < armed_for_) arm_timer();
}

bool IoThread::is_this_thread() const { return current_thread == this; }

}  // namespace mamba::broker::net
