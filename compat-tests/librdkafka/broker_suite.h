// One broker for a whole suite, a fresh topic for every test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "compat-tests/harness/admin.h"
#include "compat-tests/harness/broker_process.h"
#include "compat-tests/harness/client.h"

namespace mamba::compat {

class BrokerSuite : public testing::Test {
protected:
    static void SetUpTestSuite() { start_broker({}); }
    static void TearDownTestSuite() {
        admin_.reset();
        broker_.reset();
    }

    static void start_broker(const Settings& settings, int port = 0) {
        broker_ = std::make_unique<BrokerProcess>(settings, port);
        broker_->start();
        admin_ = std::make_unique<Admin>(broker_->bootstrap());
    }

    // A broker that a test has brought down fails that test, and not the ones after it.
    void TearDown() override {
        if (broker_->running()) return;
        ADD_FAILURE() << "the broker ended during this test; see " << broker_->output_file();
        broker_->start();
    }

    static BrokerProcess& broker() { return *broker_; }
    static Admin& admin() { return *admin_; }
    static std::string bootstrap() { return broker_->bootstrap(); }

    static std::string new_topic(int partitions = 1, const Settings& configs = {}) {
        Admin::NewTopic topic;
        topic.name = unique_name("topic");
        topic.partitions = partitions;
        topic.configs = configs;
        EXPECT_EQ(admin_->create_topic(topic), no_error);
        // Created is not yet served: a record that comes too early would be retried out of order.
        for (std::int32_t i = 0; i < partitions; ++i) EXPECT_EQ(end_of(topic.name, i), 0);
        return topic.name;
    }

    // Writes the values "0", "1" ... to one partition, in this order.
    static void fill(const std::string& topic, int count, std::int32_t partition = 0,
                     Settings settings = {}) {
        settings.insert({"enable.idempotence", "true"});
        Producer producer(bootstrap(), settings);
        for (int i = 0; i < count; ++i) producer.send(topic, partition, std::to_string(i));
        EXPECT_TRUE(producer.flush());
        EXPECT_EQ(producer.failures(), 0U);
    }

    static std::vector<Record> read_all(const std::string& topic, std::size_t count,
                                        std::int32_t partition = 0, const Settings& settings = {}) {
        Consumer consumer(bootstrap(), settings);
        consumer.assign(topic, partition);
        return consumer.read(count);
    }

    // The end of a partition as a client sees it.
    static std::int64_t end_of(const std::string& topic, std::int32_t partition = 0) {
        std::optional<std::pair<std::int64_t, std::int64_t>> marks;
        eventually([&] {
            marks = watermarks(admin_->handle(), topic, partition);
            // The client remembers for long that a new topic was not there yet: make it ask again.
            if (!marks) admin_->topics();
            return marks.has_value();
        });
        return marks ? marks->second : -1;
    }

private:
    static inline std::unique_ptr<BrokerProcess> broker_;
    static inline std::unique_ptr<Admin> admin_;
};

// The values of records, for comparing with what was sent.
inline std::vector<std::string> values_of(const std::vector<Record>& records) {
    std::vector<std::string> values;
    for (const Record& record : records) values.push_back(record.value.value_or("(null)"));
    return values;
}

// "first", "first + 1" ... as fill() writes them.
inline std::vector<std::string> numbers(int first, int count) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i) values.push_back(std::to_string(first + i));
    return values;
}

}  // namespace mamba::compat
