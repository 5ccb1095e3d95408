#include "broker/flusher.h"

#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

#include "log/partition_log.h"
#include "log/storage.h"

namespace mamba::broker {
namespace {

using log::Error;
using log::ErrorKind;

std::unexpected<Error> refuse() {
    return std::unexpected(Error{.kind = ErrorKind::io, .message = "not in this test"});
}

// Counts flushes; may hold them up, or fail them.
struct Disk {
    std::atomic<int> flushes = 0;
    std::atomic<int> whole_flushes = 0;
    std::atomic<bool> broken = false;
    std::atomic<bool> slow = false;  // each flush announces itself and waits to be let go
    std::counting_semaphore<> started{0};
    std::counting_semaphore<> let_go{0};

    std::expected<void, Error> flush() {
        if (slow) {
            started.release();
            let_go.acquire();
        }
        if (broken) return std::unexpected(Error{.kind = ErrorKind::io, .message = "broken"});
        return {};
    }
};

class FakeFile : public log::StorageFile {
public:
    explicit FakeFile(Disk& disk) : disk_(disk) {}
    std::expected<std::size_t, Error> read(std::int64_t, std::span<std::byte>) const override {
        return refuse();
    }
    std::expected<void, Error> write(std::int64_t, std::span<const BytesView>) override {
        return refuse();
    }
    std::expected<std::int64_t, Error> size() const override { return refuse(); }
    std::expected<void, Error> truncate(std::int64_t) override { return refuse(); }
    std::expected<void, Error> flush() const override {
        ++disk_.flushes;
        return disk_.flush();
    }
    std::expected<std::unique_ptr<log::FileMapping>, Error> map(std::size_t) const override {
        return refuse();
    }
    int descriptor() const noexcept override { return -1; }

private:
    Disk& disk_;
};

class FakeStorage : public log::Storage {
public:
    explicit FakeStorage(Disk& disk) : disk_(disk) {}
    std::expected<std::shared_ptr<log::StorageFile>, Error> open(const std::string&,
                                                                 Open) override {
        return refuse();
    }
    std::expected<std::int64_t, Error> file_size(const std::string&) override { return refuse(); }
    bool exists(const std::string&) override { return false; }
    std::expected<void, Error> make_directory(const std::string&) override { return refuse(); }
    std::expected<void, Error> remove(const std::string&) override { return refuse(); }
    std::expected<void, Error> remove_directory(const std::string&) override { return refuse(); }
    std::expected<void, Error> rename(const std::string&, const std::string&) override {
        return refuse();
    }
    std::expected<std::vector<log::DirectoryEntry>, Error> list(const std::string&) override {
        return refuse();
    }
    std::expected<void, Error> flush_directory(const std::string&) override { return refuse(); }
    std::expected<void, Error> flush_file_system(const std::string& path) override {
        EXPECT_EQ(path, "/data");
        ++disk_.whole_flushes;
        return disk_.flush();
    }
    std::expected<std::int64_t, Error> free_bytes(const std::string&) override { return refuse(); }
    std::expected<std::unique_ptr<log::StorageLock>, Error> lock(const std::string&) override {
        return refuse();
    }

private:
    Disk& disk_;
};

// A log that knows how much was appended and how much of it is flushed.
class FakeLog : public Flushable {
public:
    explicit FakeLog(Disk& disk) : file_(std::make_shared<FakeFile>(disk)) {}

    void append() { ++end_; }
    void roll() { has_rolled_ = true; }
    std::int64_t end() const { return end_; }
    std::int64_t flushed_end() const { return flushed_end_; }
    int failures() const { return failures_; }
    void wait_for(std::int64_t offset) const {
        for (auto now = flushed_end_.load(); now < offset; now = flushed_end_) {
            flushed_end_.wait(now);
        }
    }
    void wait_for_failure() const { failures_.wait(0); }

    log::FlushTicket begin_flush() override {
        log::FlushTicket ticket;
        ticket.active = file_;
        if (has_rolled_.exchange(false)) {
            ticket.sealed.push_back(file_);
            ticket.sealed_files = 1;
        }
        ticket.upto.offset = Offset(end_);
        return ticket;
    }
    void flushed(const log::FlushTicket& ticket) override {
        EXPECT_GE(ticket.upto.offset.value, flushed_end_);
        flushed_end_ = ticket.upto.offset.value;
        flushed_end_.notify_all();
    }
    void flush_failed(const Error& error) override {
        EXPECT_EQ(error.message, "broken");
        ++failures_;
        failures_.notify_all();
    }

private:
    std::shared_ptr<FakeFile> file_;
    std::atomic<std::int64_t> end_ = 0;
    std::atomic<bool> has_rolled_ = false;
    std::atomic<std::int64_t> flushed_end_ = 0;
    std::atomic<int> failures_ = 0;
};

class FlusherTest : public testing::Test {
protected:
    std::vector<std::shared_ptr<FakeLog>> logs(std::size_t count) {
        std::vector<std::shared_ptr<FakeLog>> made;
        for (std::size_t i = 0; i < count; ++i) made.push_back(std::make_shared<FakeLog>(disk_));
        return made;
    }
    Flusher::Options options() {
        return {.log_dir = "/data",
                .on_round = [this](const Flusher::Round& round) { rounds_.push_back(round); },
                .on_failure = [this](const Error&) { ++failures_; }};
    }

    Disk disk_;
    FakeStorage storage_{disk_};
    std::vector<Flusher::Round> rounds_;  // read after stop()
    std::atomic<int> failures_ = 0;
};

TEST_F(FlusherTest, ARequestFlushesWhatWasAppendedBeforeIt) {
    Flusher flusher(storage_, options());
    const auto log = logs(1)[0];
    for (std::int64_t offset = 1; offset <= 100; ++offset) {
        log->append();
        flusher.request(log, FlushCause::acks);
        log->wait_for(offset);
    }
    flusher.stop();
    EXPECT_EQ(rounds_.size(), 100U);
    EXPECT_EQ(rounds_[0].files, 1U);
    EXPECT_EQ(disk_.flushes, 100);
}

TEST_F(FlusherTest, ARoundTellsWhatAskedForIt) {
    Flusher flusher(storage_, options());
    const auto all = logs(2);
    disk_.slow = true;
    all[0]->append();
    flusher.request(all[0], FlushCause::groups);
    disk_.started.acquire();
    all[0]->append();
    flusher.request(all[0], FlushCause::unawaited);
    all[1]->append();
    flusher.request(all[1], FlushCause::acks);
    flusher.request(all[1], FlushCause::unawaited);
    all[1]->roll();
    disk_.slow = false;
    disk_.let_go.release();
    flusher.stop();
    ASSERT_EQ(rounds_.size(), 2U);
    EXPECT_EQ(rounds_[0].causes, FlushCauses("0010"));
    EXPECT_EQ(rounds_[1].causes, FlushCauses("1101"));
}

TEST_F(FlusherTest, ARoundInProgressGathersTheNextOne) {
    Flusher flusher(storage_, options());
    const auto log = logs(1)[0];
    disk_.slow = true;
    log->append();
    flusher.request(log, FlushCause::acks);
    disk_.started.acquire();
    for (int i = 0; i < 50; ++i) {
        log->append();
        flusher.request(log, FlushCause::acks);
    }
    disk_.let_go.release(2);
    log->wait_for(51);
    flusher.stop();
    EXPECT_EQ(rounds_.size(), 2U);
    EXPECT_EQ(disk_.flushes, 2);
}

TEST_F(FlusherTest, FewFilesAreFlushedSideBySide) {
    Flusher flusher(storage_, options());
    const auto all = logs(5);
    disk_.slow = true;
    flusher.request(all[4], FlushCause::acks);
    disk_.started.acquire();
    for (std::size_t i = 0; i < 4; ++i) flusher.request(all[i], FlushCause::acks);
    disk_.let_go.release();
    for (int i = 0; i < 4; ++i) disk_.started.acquire();  // all of them have begun, none has ended
    disk_.let_go.release(4);
    flusher.stop();
    ASSERT_EQ(rounds_.size(), 2U);
    EXPECT_EQ(rounds_[1].files, 4U);
    EXPECT_EQ(rounds_[1].method, log::FlushMethod::each_file);
}

TEST_F(FlusherTest, ManyFilesAreFlushedAtOnce) {
    Flusher flusher(storage_, options());
    const auto all = logs(101);
    disk_.slow = true;
    flusher.request(all[100], FlushCause::acks);
    disk_.started.acquire();
    for (std::size_t i = 0; i < 100; ++i) {
        all[i]->append();
        flusher.request(all[i], FlushCause::acks);
    }
    disk_.let_go.release(2);
    flusher.stop();
    ASSERT_EQ(rounds_.size(), 2U);
    EXPECT_EQ(rounds_[1].logs, 100U);
    EXPECT_EQ(rounds_[1].method, log::FlushMethod::whole_filesystem);
    EXPECT_EQ(disk_.flushes, 1);
    EXPECT_EQ(disk_.whole_flushes, 1);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(all[i]->flushed_end(), 1);
}

TEST_F(FlusherTest, AFailureLastsForEver) {
    Flusher flusher(storage_, options());
    const auto all = logs(2);
    disk_.broken = true;
    all[0]->append();
    flusher.request(all[0], FlushCause::acks);
    all[0]->wait_for_failure();
    disk_.broken = false;
    all[1]->append();
    flusher.request(all[1], FlushCause::acks);
    all[1]->wait_for_failure();
    flusher.stop();
    EXPECT_EQ(disk_.flushes, 1);
    EXPECT_EQ(failures_, 1);
    EXPECT_EQ(all[0]->flushed_end(), 0);
    EXPECT_EQ(all[1]->flushed_end(), 0);
}

// A write that failed is as bad as a flush that did.
TEST_F(FlusherTest, AFailureReportedFromOutsideEndsFlushingOnce) {
    Flusher flusher(storage_, options());
    const auto all = logs(1);
    flusher.report_failure(Error{.message = "broken"});
    flusher.report_failure(Error{.message = "broken"});
    all[0]->append();
    flusher.request(all[0], FlushCause::acks);
    all[0]->wait_for_failure();
    flusher.stop();
    EXPECT_EQ(disk_.flushes, 0);
    EXPECT_EQ(failures_, 1);
    EXPECT_EQ(all[0]->flushed_end(), 0);
}

TEST_F(FlusherTest, StopServesWhatWasRequestedAndNothingLater) {
    const auto all = logs(2);
    Flusher flusher(storage_, options());
    disk_.slow = true;
    all[0]->append();
    flusher.request(all[0], FlushCause::acks);
    disk_.started.acquire();
    all[0]->append();
    flusher.request(all[0], FlushCause::acks);
    std::thread stopper([&] { flusher.stop(); });
    disk_.let_go.release(2);
    stopper.join();
    EXPECT_EQ(all[0]->flushed_end(), 2);
    all[1]->append();
    flusher.request(all[1], FlushCause::acks);
    flusher.stop();
    EXPECT_EQ(all[1]->flushed_end(), 0);
}

// Appenders on several threads: whoever's request returned has its record in some round.
TEST_F(FlusherTest, NoRequestIsLostAmongManyThreads) {
    Flusher flusher(storage_, options());
    const auto all = logs(7);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t i = 0; i < 500; ++i) {
                    const auto& log = all[(i * 3 + t) % all.size()];
                    log->append();
                    const std::int64_t mine = log->end();
                    flusher.request(log, FlushCause::acks);
                    if (i % 16 == 0) log->wait_for(mine);
                }
            });
        }
    }
    flusher.stop();
    for (const auto& log : all) EXPECT_EQ(log->flushed_end(), log->end());
}

}  // namespace
}  // namespace mamba::broker
