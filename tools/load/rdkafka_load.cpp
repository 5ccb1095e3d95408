#include "tools/load/rdkafka_load.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <map>
#include <memory>
#include <vector>

namespace mamba::load {
namespace {

using client::Error;
using client::Failure;

constexpr int poll_ms = 100;
constexpr int flush_ms_max = 60'000;
constexpr int idle_polls_max = 100;  // ten seconds without a record

struct Destroy {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};
using Handle = std::unique_ptr<rd_kafka_t, Destroy>;
using Settings = std::map<std::string, std::string>;

struct Deliveries {
    std::uint64_t done = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& deliveries = *static_cast<Deliveries*>(opaque);
    ++deliveries.done;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) deliveries.error = message->err;
}

std::unexpected<Error> failure(std::string_view why) {
    return std::unexpected(Error{Failure::unreachable, fmt::format("librdkafka: {}", why)});
}

std::expected<Handle, Error> make_handle(rd_kafka_type_t type, const Settings& settings,
                                         Deliveries* deliveries) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 512> why{};
    for (const auto& [key, value] : settings) {
        if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why.data(), why.size()) !=
            RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(conf);
            return failure(why.data());
        }
    }
    rd_kafka_conf_set_opaque(conf, deliveries);
    if (deliveries != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    Handle handle(rd_kafka_new(type, conf, why.data(), why.size()));
    if (!handle) {
        rd_kafka_conf_destroy(conf);
        return failure(why.data());
    }
    return handle;
}

}  // namespace

std::expected<Report, Error> run_rdkafka_produce(const std::string& bootstrap,
                                                 const ProducePlan& plan, pid_t broker) {
    Deliveries deliveries;
    auto handle = make_handle(
        RD_KAFKA_PRODUCER,
        {{"bootstrap.servers", bootstrap},
         {"acks", std::to_string(plan.acks)},
         {"enable.idempotence", plan.idempotent ? "true" : "false"},
         {"max.in.flight", std::to_string(plan.in_flight)},
         {"batch.num.messages", std::to_string(plan.records_per_batch)},
         {"batch.size",
          std::to_string((plan.record_bytes + plan.key_bytes + 64) * plan.records_per_batch + 128)},
         {"compression.codec", std::string(name_of(plan.codec))},
         {"linger.ms", "5"},
         {"queue.buffering.max.messages", "100000"}},
        &deliveries);
    if (!handle) return std::unexpected(handle.error());
    const std::unique_ptr<rd_kafka_topic_t, Destroy> topic(
        rd_kafka_topic_new(handle->get(), plan.topic.c_str(), nullptr));
    std::vector<char> value(static_cast<std::size_t>(plan.record_bytes), 'x');

    const std::uint64_t records = plan.requests *
                                  static_cast<std::uint64_t>(plan.records_per_batch) *
                                  static_cast<std::uint64_t>(plan.partitions_per_request);
    const Measurement measurement(broker);
    for (std::uint64_t i = 0; i < records;) {
        const auto partition =
            static_cast<std::int32_t>(i % static_cast<std::uint64_t>(plan.partitions));
        if (rd_kafka_produce(topic.get(), partition, RD_KAFKA_MSG_F_COPY, value.data(),
                             value.size(), nullptr, 0, nullptr) == 0) {
            ++i;
            if (i % 1024 == 0) rd_kafka_poll(handle->get(), 0);
        } else if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            rd_kafka_poll(handle->get(), 1);
        } else {
            return failure(rd_kafka_err2str(rd_kafka_last_error()));
        }
    }
    rd_kafka_flush(handle->get(), flush_ms_max);
    Report report;
    measurement.finish(report);
    if (deliveries.error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return failure(rd_kafka_err2str(deliveries.error));
    }
    if (deliveries.done != records) return failure("records were not acknowledged in time");
    report.mode = "rdkafka-produce";
    report.records = records;
    report.bytes = records * static_cast<std::uint64_t>(plan.record_bytes);
    return report;
}

std::expected<Report, Error> run_rdkafka_fetch(const std::string& bootstrap,
                                               const std::string& topic, int partitions,
                                               std::uint64_t records, pid_t broker) {
    auto handle = make_handle(RD_KAFKA_CONSUMER,
                              {{"bootstrap.servers", bootstrap},
                               {"group.id", "mambamq-bench"},
                               {"enable.auto.commit", "false"},
                               {"check.crcs", "false"}},
                              nullptr);
    if (!handle) return std::unexpected(handle.error());
    rd_kafka_poll_set_consumer(handle->get());
    const std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy> assignment(
        rd_kafka_topic_partition_list_new(partitions));
    for (int i = 0; i < partitions; ++i) {
        rd_kafka_topic_partition_list_add(assignment.get(), topic.c_str(), i)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    }
    const Measurement measurement(broker);
    rd_kafka_assign(handle->get(), assignment.get());
    const std::unique_ptr<rd_kafka_queue_t, Destroy> queue(
        rd_kafka_queue_get_consumer(handle->get()));
    Report report;
    report.mode = "rdkafka-fetch";
    std::vector<rd_kafka_message_t*> messages(1024);
    for (int idle = 0; report.records < records;) {
        const ssize_t got =
            rd_kafka_consume_batch_queue(queue.get(), poll_ms, messages.data(), messages.size());
        idle = got > 0 ? 0 : idle + 1;
        if (idle > idle_polls_max) return failure("no record for ten seconds");
        for (ssize_t i = 0; i < got; ++i) {
            rd_kafka_message_t* const message = messages[static_cast<std::size_t>(i)];
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                ++report.records;
                report.bytes += message->len;
            }
            rd_kafka_message_destroy(message);
        }
    }
    measurement.finish(report);
    return report;
}

}  // namespace mamba::load
