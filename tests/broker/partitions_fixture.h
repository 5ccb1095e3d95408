// Partitions in a folder of their own, an executor that a test turns by hand, and a place for answers.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/answer.h"
#include "broker/executor.h"
#include "broker/partitions.h"
#include "broker/worker_pool.h"
#include "log/storage.h"
#include "protocol/record_batch_builder.h"
#include "protocol/wire.h"
#include "tests/broker/metadata/temporary_folder.h"

namespace mamba::broker {

inline Bytes batch_of(const std::vector<std::string>& values, protocol::BatchOptions options = {}) {
    protocol::RecordBatchBuilder builder(options);
    const Timestamp now(std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count());
    for (const std::string& value : values) builder.append(now, std::nullopt, as_bytes(value));
    return builder.build();
}

// The test's thread is the io thread; what other threads post runs when the test says so.
class HandExecutor final : public Executor {
public:
    void post(Task task) override {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        posted_.notify_all();
    }
    void run_at(Instant when, Task task) override { timers_.emplace(when, std::move(task)); }
    bool is_this_thread() const override { return std::this_thread::get_id() == thread_; }

    std::size_t run_posted() {
        std::vector<Task> tasks;
        {
            const std::lock_guard lock(mutex_);
            tasks.swap(tasks_);
        }
        for (Task& task : tasks) task();
        return tasks.size();
    }
    template <class Condition>
    void run_until(Condition condition) {
        while (!condition()) {
            {
                std::unique_lock lock(mutex_);
                if (!posted_.wait_for(lock, std::chrono::seconds(20), [this] { return !tasks_.empty(); })) {
                    FAIL() << "nothing came";
                }
            }
            run_posted();
        }
    }
    void run_timers(Instant now) {
        while (!timers_.empty() && timers_.begin()->first <= now) {
            Task task = std::move(timers_.begin()->second);
            timers_.erase(timers_.begin());
            task();
        }
    }
    std::size_t timers() const { return timers_.size(); }

private:
    const std::thread::id thread_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::condition_variable posted_;
    std::vector<Task> tasks_;  // guarded by mutex_
    std::multimap<Instant, Task> timers_;
};

class Answers final : public AnswerQueue {
public:
    void answer(std::uint64_t place, Answer answer) override { by_place.emplace(place, std::move(answer)); }
    void skip(std::uint64_t place, Answer told) override {
        skipped.push_back(place);
        told_of.push_back(std::move(told));
    }
    void close_connection(const char*) override { closed = true; }
    bool is_gone() const override { return gone; }

    // The answer's body, decoded; its spliced records are left empty.
    template <class Response>
    Response decode(std::uint64_t place, protocol::MessageVersion version, bool tagged_header) const {
        const Answer& answer = by_place.at(place);
        // Slices are filled in, as the client would see them.
        Bytes whole;
        std::size_t from = 0;
        for (const protocol::Splice& splice : answer.splices) {
            whole.insert(whole.end(), answer.bytes.begin() + static_cast<std::ptrdiff_t>(from),
                         answer.bytes.begin() + static_cast<std::ptrdiff_t>(splice.position));
            from = splice.position;
            const log::FileSlice& slice = answer.slices.at(splice.source);
            Bytes piece(slice.length);
            EXPECT_TRUE(slice.file->read(slice.position, piece));
            whole.insert(whole.end(), piece.begin(), piece.end());
        }
        whole.insert(whole.end(), answer.bytes.begin() + static_cast<std::ptrdiff_t>(from), answer.bytes.end());
        protocol::Reader in(whole);
        EXPECT_EQ(static_cast<std::size_t>(in.int32()), whole.size() - 4);
        (void)in.int32();  // correlation id
        if (tagged_header) EXPECT_EQ(in.unsigned_varint(), 0U);
        Response response;
        response.decode(in, version);
        EXPECT_TRUE(in.ok());
        EXPECT_EQ(in.remaining(), 0U);
        kept_.push_back(std::move(whole));  // the response may be a view into it
        return response;
    }

    std::map<std::uint64_t, Answer> by_place;
    std::vector<std::uint64_t> skipped;
    std::vector<Answer> told_of;  // side by side with these
    bool closed = false;
    bool gone = false;

private:
    mutable std::vector<Bytes> kept_;
};

class PartitionsFixture : public testing::Test {
protected:
    PartitionsFixture() {
        settings_.log.file_delete_delay_ms = 0;
        auto opened =
            Partitions::open(*storage_, workers_,
                             {.log_dirs = {folder_.path().string()},
                              .broker_id = BrokerId(1),
                              .settings_of = [this](const std::string&, const ClusterImage&) { return settings_; },
                              .wall_clock = [] { return Timestamp(1'000'000); },
                              .random_uuid = [this] { return next_uuid(); }});
        EXPECT_TRUE(opened);
        partitions_ = std::move(*opened);
    }

    Uuid next_uuid() {
        std::array<std::byte, 16> bytes{};
        bytes[15] = static_cast<std::byte>(++uuids_);
        return Uuid::from_random(bytes);
    }
    TopicPtr create_topic(const std::string& name, std::size_t partitions = 1) {
        PartitionState state{.replicas = {BrokerId(1)}, .isr = {BrokerId(1)}, .leader = BrokerId(1)};
        auto topic = std::make_shared<const TopicState>(
            TopicState{name, next_uuid(), std::vector<PartitionState>(partitions, state)});
        ClusterDelta delta;
        delta.created.push_back(topic);
        partitions_->on_metadata(image_, delta);
        return topic;
    }
    void delete_topic(const TopicPtr& topic) {
        ClusterDelta delta;
        delta.deleted.push_back(topic);
        partitions_->on_metadata(image_, delta);
    }
    std::shared_ptr<Partition> partition(const std::string& topic, std::int32_t index = 0) {
        return partitions_->find(topic, PartitionIndex(index));
    }
    // Appends as a producer with acks=1 would; committed at once when the settings do not flush.
    void append(Partition& partition, const std::vector<std::string>& values) {
        Bytes batch = batch_of(values);
        log::AppendRequest request{batch, {}};
        ASSERT_TRUE(partition.append(std::span(&request, 1), Timestamp(1'000'000)));
        ASSERT_EQ(request.outcome.error, ErrorCode::none);
    }

    TemporaryFolder folder_;
    std::unique_ptr<log::Storage> storage_ = log::posix_storage();
    WorkerPool workers_{2};
    PartitionSettings settings_;
    ClusterImagePtr image_ = std::make_shared<const ClusterImage>();
    std::unique_ptr<Partitions> partitions_;
    HandExecutor executor_;
    std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
    unsigned uuids_ = 0;
};

}  // namespace mamba::broker
