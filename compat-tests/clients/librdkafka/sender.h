// A producer and what it sends.
#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "environment.h"

namespace jobs {

struct Record {
    std::string value;
    std::int32_t partition = RdKafka::Topic::PARTITION_UA;
    std::string key = {};
    std::int64_t timestamp = 0;  // 0: now
    std::vector<std::pair<std::string, std::string>> headers = {};
};

// A producer that counts what was acknowledged and keeps the errors of the rest. With one request in
// flight it keeps the order also when the first ones are sent again: a new topic is not served at once.
class Sender : RdKafka::DeliveryReportCb {
public:
    explicit Sender(Settings settings = {}) {
        settings.merge(Settings{{"acks", "all"}, {"linger.ms", "50"}, {"max.in.flight", "1"}});
        const auto conf = configuration(settings);
        std::string reason;
        conf->set("dr_cb", static_cast<RdKafka::DeliveryReportCb*>(this), reason);
        producer_.reset(RdKafka::Producer::create(conf.get(), reason));
        expect(producer_ != nullptr, reason);
    }

    void send(const std::string& topic, const Record& record) {
        auto* headers = RdKafka::Headers::create();
        for (const auto& [key, value] : record.headers) headers->add(key, value);
        const RdKafka::ErrorCode error = producer_->produce(
            topic, record.partition, RdKafka::Producer::RK_MSG_COPY,
            const_cast<char*>(record.value.data()), record.value.size(), record.key.data(),
            record.key.size(), record.timestamp, headers, nullptr);
        if (error != RdKafka::ERR_NO_ERROR) delete headers;
        expect_ok("produce", error);
        producer_->poll(0);
    }

    void poll(std::chrono::milliseconds wait) { producer_->poll(static_cast<int>(wait.count())); }

    void flush() {
        expect_ok("flush", producer_->flush(90'000));
        if (!errors.empty()) expect_ok("a record failed", errors.front());
    }

    std::vector<RdKafka::ErrorCode> flush_with_errors() {
        producer_->flush(90'000);
        return errors;
    }

    int acknowledged = 0;
    std::vector<RdKafka::ErrorCode> errors;

private:
    void dr_cb(RdKafka::Message& message) override {
        if (message.err() == RdKafka::ERR_NO_ERROR) {
            ++acknowledged;
        } else {
            errors.push_back(message.err());
        }
    }

    std::unique_ptr<RdKafka::Producer> producer_;
};

inline void send_all(const std::string& topic, int count, int partitions) {
    Sender sender;
    for (int i = 0; i < count; ++i) sender.send(topic, {std::to_string(i), i % partitions});
    sender.flush();
}

}  // namespace jobs
