// Where work of one connection runs: the io thread that the connection is pinned to.
//
// The broker's parts that wait (purgatories, coordinators) post back here when the wait ends, so
// that a connection's state is only ever touched by its own thread. The shell implements it.
#pragma once

#include <functional>

#include "broker/request.h"

namespace mamba::broker {

class Executor {
public:
    using Task = std::move_only_function<void()>;

    virtual ~Executor() = default;

    // Runs `task` on the thread, soon, after the turn that it is in. From any thread; never blocks.
    virtual void post(Task task) = 0;
    // Runs `task` on the thread at `when` or a little later. Only from the thread itself.
    virtual void run_at(Instant when, Task task) = 0;
    virtual bool is_this_thread() const = 0;
};

}  // namespace mamba::broker
