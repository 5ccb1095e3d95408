// Runs the controller over the metadata store and tells the broker what has changed.
//
// One thread owns the store. It takes the events that have gathered, lets the controller decide each
// on the image that the ones before lead to, commits all their changes as one transaction, tells the
// listeners, publishes the new image and then releases the answers. Hence:
//   1. an answer means that the change survives a power cut;
//   2. when the store fails, nothing that the failed commit held is visible or acknowledged;
//   3. listeners have dealt with a change (made the logs of a new topic) before anyone sees it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/controller.h"
#include "broker/metadata/image_cell.h"
#include "broker/metadata/metadata_store.h"

namespace mamba::broker {

class MetadataService {
public:
    // What a submitted event comes to: its answer, or why it could not be carried out at all.
    template <class Event>
    using Outcome = std::expected<typename Event::Answer, Refusal>;
    template <class Event>
    using OnOutcome = std::move_only_function<void(Outcome<Event>)>;

    // Called on the service's thread, before the image is published. Must not wait for the service.
    using Listener = std::function<void(const ClusterImagePtr& next, const ClusterDelta& delta)>;

    // Loads the image from the store.
    static std::expected<std::unique_ptr<MetadataService>, StoreError> open(
        std::unique_ptr<MetadataStore> store, Controller controller);
    ~MetadataService();
    MetadataService(const MetadataService&) = delete;
    MetadataService& operator=(const MetadataService&) = delete;

    // Listeners are added before start(), and called once at once with all that is there (a delta
    // from the empty image).
    void add_listener(Listener listener);

    // Starts the thread. Until then, and in tests, run_pending() does its work.
    void start();
    // Ends the thread; events that have not begun are refused with broker_not_available.
    void stop();

    // From any thread. `done` is called once, on the service's thread.
    template <class Event>
    void submit(Event event, OnOutcome<Event> done) {
        auto task = std::make_unique<EventTask<Event>>(std::move(event), std::move(done));
        enqueue(std::move(task));
    }

    // Submits and waits: for start-up and tools. Not on the service's thread.
    template <class Event>
    Outcome<Event> run(Event event);

    // Carries out what has been submitted so far, on the calling thread; the number of events.
    std::size_t run_pending();

    const ImageCell& images() const { return images_; }
    ClusterImagePtr image() const { return images_.load(); }
    // Of the newest commit in the store.
    Revision revision() const { return Revision(revision_.load(std::memory_order_acquire)); }

private:
    // One submitted event on its way: decided, then committed or failed, then answered.
    struct Task {
        virtual ~Task() = default;
        virtual std::vector<Change> decide(Controller& controller, const ClusterImage& image) = 0;
        virtual void answer() = 0;
        virtual void refuse(const Refusal& refusal) = 0;
    };
    template <class Event>
    struct EventTask final : Task {
        EventTask(Event e, OnOutcome<Event> d) : event(std::move(e)), done(std::move(d)) {}
        std::vector<Change> decide(Controller& controller, const ClusterImage& image) override {
            auto decision = controller.decide(image, event);
            result = std::move(decision.answer);
            return std::move(decision.changes);
        }
        void answer() override { done(std::move(result)); }
        void refuse(const Refusal& refusal) override { done(std::unexpected(refusal)); }

        Event event;
        OnOutcome<Event> done;
        typename Event::Answer result{};
    };

    MetadataService(std::unique_ptr<MetadataStore> store, Controller controller);

    std::expected<void, StoreError> load();
    void enqueue(std::unique_ptr<Task> task);
    void run_thread();
    void carry_out(std::span<const std::unique_ptr<Task>> tasks);
    std::expected<void, StoreError> commit(std::span<const Change> changes);

    static constexpr std::size_t events_per_commit_max = 256;
    static constexpr std::size_t events_waiting_max = 10'000;
    static constexpr std::int64_t revisions_kept = 1'000;  // for watches that come back

    std::unique_ptr<MetadataStore> store_;
    Controller controller_;
    ImageCell images_;
    std::vector<Listener> listeners_;
    std::atomic<std::int64_t> revision_{0};
    std::map<std::string, Revision, std::less<>> modified_;  // of every key, for comparisons
    Revision compacted_;                                     // what compact() was last told

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::vector<std::unique_ptr<Task>> queue_;
    bool running_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

template <class Event>
MetadataService::Outcome<Event> MetadataService::run(Event event) {
    struct Waiting {
        std::mutex mutex;
        std::condition_variable arrived;
        std::optional<Outcome<Event>> outcome;
    };
    const auto waiting = std::make_shared<Waiting>();
    submit(std::move(event), OnOutcome<Event>([waiting](Outcome<Event> outcome) {
               const std::lock_guard lock(waiting->mutex);
               waiting->outcome.emplace(std::move(outcome));
               waiting->arrived.notify_one();
           }));
    bool running = false;
    {
        const std::lock_guard lock(mutex_);
        running = running_;
    }
    if (!running) run_pending();
    std::unique_lock lock(waiting->mutex);
    waiting->arrived.wait(lock, [&] { return waiting->outcome.has_value(); });
    return std::move(*waiting->outcome);
}

}  // namespace mamba::broker
