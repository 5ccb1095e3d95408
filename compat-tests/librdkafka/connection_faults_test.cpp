// Connections that break in the middle of requests and answers.

#include "compat-tests/harness/tcp_proxy.h"
#include "compat-tests/librdkafka/broker_suite.h"

namespace mamba::compat {
namespace {

constexpr std::uint32_t seed = 20261125;

// The broker advertises the proxy's port, so every client talks through it.
class ConnectionFaults : public BrokerSuite {
protected:
    static void SetUpTestSuite() {
        // The broker takes its port before it starts, so the proxy can be there first.
        const int broker_port = free_port();
        proxy_ = std::make_unique<TcpProxy>(broker_port, seed);
        start_broker(
            {{"advertised.listeners", "PLAINTEXT://127.0.0.1:" + std::to_string(proxy_->port())}},
            broker_port);
    }
    static void TearDownTestSuite() {
        BrokerSuite::TearDownTestSuite();
        proxy_.reset();
    }
    void TearDown() override {
        proxy_->heal();
        BrokerSuite::TearDown();
    }
    static TcpProxy& proxy() { return *proxy_; }

private:
    static inline std::unique_ptr<TcpProxy> proxy_;
};

TEST_F(ConnectionFaults, IdempotentProducerNeitherLosesNorRepeatsNorReorders) {
    constexpr int partitions = 3;
    constexpr int count = 6000;
    const std::string topic = new_topic(partitions);
    for (const char* codec : {"none", "lz4"}) {
        Producer producer(bootstrap(), {{"enable.idempotence", "true"},
                                        {"compression.codec", codec},
                                        {"batch.num.messages", "20"},
                                        {"linger.ms", "1"},
                                        {"retry.backoff.ms", "5"},
                                        {"message.timeout.ms", "60000"}});
        std::map<std::int32_t, std::int64_t> before;
        for (std::int32_t i = 0; i < partitions; ++i) before[i] = end_of(topic, i);
        const int cuts_before = proxy().cuts();
        proxy().cut_within(30000);
        for (int i = 0; i < count; ++i) {
            ASSERT_EQ(producer.send(topic, i % partitions, std::to_string(i / partitions)),
                      no_error);
            if (i % 50 == 0) producer.poll(std::chrono::milliseconds{2});
        }
        EXPECT_TRUE(producer.flush(std::chrono::seconds{60}));
        proxy().heal();
        EXPECT_EQ(producer.failures(), 0U);
        EXPECT_GT(proxy().cuts() - cuts_before, 5);

        for (std::int32_t partition = 0; partition < partitions; ++partition) {
            Consumer consumer(bootstrap());
            consumer.assign(topic, partition, before[partition]);
            EXPECT_EQ(values_of(consumer.read(count / partitions)), numbers(0, count / partitions));
            EXPECT_EQ(end_of(topic, partition), before[partition] + count / partitions);
        }
    }
}

TEST_F(ConnectionFaults, ConsumerReadsEverythingOnceInOrder) {
    const std::string topic = new_topic();
    fill(topic, 5000, 0, {{"batch.num.messages", "10"}});
    proxy().cut_within(20000);
    const int cuts_before = proxy().cuts();
    Consumer consumer(bootstrap(), {{"fetch.message.max.bytes", "4000"}});
    consumer.assign(topic);
    EXPECT_EQ(values_of(consumer.read(5000)), numbers(0, 5000));
    EXPECT_GT(proxy().cuts() - cuts_before, 3);
}

TEST_F(ConnectionFaults, GroupMemberKeepsItsPlace) {
    const std::string topic = new_topic(2);
    Consumer consumer(bootstrap(),
                      {{"session.timeout.ms", "30000"}, {"heartbeat.interval.ms", "50"}});
    consumer.subscribe({topic});
    ASSERT_TRUE(eventually([&] { return !consumer.poll() && consumer.assignment().size() == 2; }));
    proxy().cut_within(3000);
    for (int round = 0; round < 20; ++round) {
        fill(topic, 5, 0, {{"enable.idempotence", "true"}});
        EXPECT_EQ(consumer.read(5).size(), 5U);
        EXPECT_TRUE(eventually([&] { return consumer.commit_position() == no_error; }));
    }
    proxy().heal();
    EXPECT_EQ(consumer.rebalances().size(), 1U);
    EXPECT_EQ(consumer.committed(topic), 100);
}

}  // namespace
}  // namespace mamba::compat
