#include "compat-tests/harness/client.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <stdexcept>

namespace mamba::compat {
namespace {

std::string text_of(const void* data, std::size_t size) {
    return {static_cast<const char*>(data), size};
}

std::vector<Header> headers_of(const rd_kafka_message_t* message) {
    std::vector<Header> result;
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return result;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        result.push_back(
            {name, value == nullptr ? std::nullopt : std::optional(text_of(value, size))});
    }
    return result;
}

Record record_of(const rd_kafka_message_t* message) {
    Record record;
    if (message->key != nullptr) record.key = text_of(message->key, message->key_len);
    if (message->payload != nullptr) record.value = text_of(message->payload, message->len);
    record.headers = headers_of(message);
    rd_kafka_timestamp_type_t type{};
    record.timestamp = rd_kafka_message_timestamp(message, &type);
    record.log_append_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
    record.topic = rd_kafka_topic_name(message->rkt);
    record.partition = message->partition;
    record.offset = message->offset;
    return record;
}

}  // namespace

ErrorName name_of(rd_kafka_resp_err_t error) {
    return rd_kafka_err2name(error);
}

std::string unique_name(const std::string& prefix) {
    static const unsigned run = std::random_device{}();
    static std::atomic<int> counter = 0;
    return prefix + "-" + std::to_string(run % 100000) + "-" + std::to_string(++counter);
}

PartitionList to_list(const Offsets& offsets) {
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const auto& [partition, offset] : offsets) {
        rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)
            ->offset = offset;
    }
    return list;
}

Offsets from_list(const rd_kafka_topic_partition_list_t* list, ErrorName* error) {
    Offsets result;
    if (error != nullptr) *error = no_error;
    for (int i = 0; i < list->cnt; ++i) {
        const rd_kafka_topic_partition_t& element = list->elems[i];
        result[{element.topic, element.partition}] = element.offset;
        if (error != nullptr && *error == no_error) *error = name_of(element.err);
    }
    return result;
}

ClientHandle make_client(rd_kafka_type_t type, const std::string& bootstrap,
                         const Settings& settings, void (*prepare)(rd_kafka_conf_t*),
                         void* opaque) {
    Settings all{{"bootstrap.servers", bootstrap},
                 {"broker.address.family", "v4"},
                 {"log_level", "2"},
                 {"reconnect.backoff.max.ms", "200"},
                 {"reconnect.backoff.ms", "20"},
                 {"topic.metadata.refresh.fast.interval.ms", "50"}};
    for (const auto& [key, value] : settings) all[key] = value;

    char reason[512] = {};
    rd_kafka_conf_t* configuration = rd_kafka_conf_new();
    for (const auto& [key, value] : all) {
        if (rd_kafka_conf_set(configuration, key.c_str(), value.c_str(), reason, sizeof reason) !=
            RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(configuration);
            throw std::runtime_error(reason);
        }
    }
    rd_kafka_conf_set_error_cb(configuration, [](rd_kafka_t*, int, const char*, void*) {});
    rd_kafka_conf_set_log_cb(configuration,
                             [](const rd_kafka_t*, int, const char*, const char*) {});
    rd_kafka_conf_set_opaque(configuration, opaque);
    if (prepare != nullptr) prepare(configuration);
    rd_kafka_t* client = rd_kafka_new(type, configuration, reason, sizeof reason);
    if (client == nullptr) throw std::runtime_error(reason);
    return ClientHandle(client);
}

Producer::Producer(const std::string& bootstrap, const Settings& settings)
    : client_(make_client(
          RD_KAFKA_PRODUCER, bootstrap, settings,
          [](rd_kafka_conf_t* configuration) {
              rd_kafka_conf_set_dr_msg_cb(configuration, &Producer::on_report);
          },
          this)) {}

Producer::~Producer() {
    // Without the purge, destruction would wait for records that a dead broker never takes.
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_flush(client_.get(), 1000);
}

void Producer::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    Delivery delivery;
    delivery.number = reinterpret_cast<std::size_t>(message->_private);
    delivery.error = name_of(message->err);
    delivery.partition = message->partition;
    delivery.offset = message->offset;
    delivery.status = rd_kafka_message_status(message);
    static_cast<Producer*>(opaque)->deliveries_.push_back(std::move(delivery));
}

ErrorName Producer::send(const std::string& topic, std::int32_t partition, const Record& record) {
    for (;;) {
        rd_kafka_headers_t* headers = nullptr;
        if (!record.headers.empty()) {
            headers = rd_kafka_headers_new(record.headers.size());
            for (const Header& header : record.headers) {
                rd_kafka_header_add(headers, header.name.c_str(), -1,
                                    header.value ? header.value->data() : nullptr,
                                    header.value ? static_cast<ssize_t>(header.value->size()) : 0);
            }
        }
        std::vector<rd_kafka_vu_t> parts;
        const auto part = [&parts](rd_kafka_vtype_t type) -> auto& {
            parts.push_back({.vtype = type, .u = {}});
            return parts.back().u;
        };
        // An empty key or value has an address: null means absent.
        const auto bytes = [&part](rd_kafka_vtype_t type, const std::optional<std::string>& text) {
            auto& memory = part(type).mem;
            memory.ptr = text ? const_cast<char*>(text->data()) : nullptr;
            memory.size = text ? text->size() : 0;
        };
        part(RD_KAFKA_VTYPE_TOPIC).cstr = topic.c_str();
        part(RD_KAFKA_VTYPE_PARTITION).i32 = partition;
        part(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
        bytes(RD_KAFKA_VTYPE_KEY, record.key);
        bytes(RD_KAFKA_VTYPE_VALUE, record.value);
        part(RD_KAFKA_VTYPE_TIMESTAMP).i64 = record.timestamp;
        part(RD_KAFKA_VTYPE_OPAQUE).ptr = reinterpret_cast<void*>(sent_);
        if (headers != nullptr) part(RD_KAFKA_VTYPE_HEADERS).headers = headers;
        rd_kafka_error_t* failure = rd_kafka_produceva(client_.get(), parts.data(), parts.size());
        const rd_kafka_resp_err_t error = rd_kafka_error_code(failure);
        rd_kafka_error_destroy(failure);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr) {
            rd_kafka_headers_destroy(headers);
        }
        if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            poll(std::chrono::milliseconds{10});
            continue;
        }
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) ++sent_;
        return name_of(error);
    }
}

ErrorName Producer::send(const std::string& topic, std::int32_t partition, std::string value) {
    Record record;
    record.value = std::move(value);
    return send(topic, partition, record);
}

void Producer::poll(std::chrono::milliseconds wait) {
    rd_kafka_poll(client_.get(), static_cast<int>(wait.count()));
}

bool Producer::flush(std::chrono::milliseconds limit) {
    rd_kafka_flush(client_.get(), static_cast<int>(limit.count()));
    return deliveries_.size() == sent_;
}

Producer::Delivery Producer::deliver(const std::string& topic, std::int32_t partition,
                                     const Record& record) {
    const std::size_t number = sent_;
    if (const ErrorName error = send(topic, partition, record); error != no_error) {
        return {.number = number, .error = error};
    }
    flush();
    const auto found = std::ranges::find(deliveries_, number, &Delivery::number);
    return found == deliveries_.end() ? Delivery{.number = number, .error = "no report"} : *found;
}

std::size_t Producer::failures() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        deliveries_, [](const Delivery& delivery) { return delivery.error != no_error; }));
}

Consumer::Consumer(const std::string& bootstrap, const Settings& settings) {
    Settings all{{"auto.offset.reset", "earliest"},
                 {"enable.auto.commit", "false"},
                 {"fetch.error.backoff.ms", "20"},
                 {"fetch.wait.max.ms", "100"},
                 {"group.id", unique_name("group")}};
    for (const auto& [key, value] : settings) all[key] = value;
    group_ = all["group.id"];
    client_ = make_client(
        RD_KAFKA_CONSUMER, bootstrap, all,
        [](rd_kafka_conf_t* configuration) {
            rd_kafka_conf_set_rebalance_cb(configuration, &Consumer::on_rebalance);
        },
        this);
    rd_kafka_poll_set_consumer(client_.get());
}

Consumer::~Consumer() {
    if (client_) rd_kafka_consumer_close(client_.get());
}

void Consumer::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t event,
                            rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    auto& self = *static_cast<Consumer*>(opaque);
    const char* protocol = rd_kafka_rebalance_protocol(client);  // null once the group has been left, as in close()
    const bool cooperative = protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
    const bool assigned = event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    using Kind = Rebalance::Kind;
    const Kind kind = assigned                           ? Kind::assigned
                      : rd_kafka_assignment_lost(client) ? Kind::lost
                                                         : Kind::revoked;
    self.rebalances_.push_back({kind, from_list(partitions)});
    if (cooperative) {
        rd_kafka_error_t* error = assigned ? rd_kafka_incremental_assign(client, partitions)
                                           : rd_kafka_incremental_unassign(client, partitions);
        if (error != nullptr) rd_kafka_error_destroy(error);
    } else {
        rd_kafka_assign(client, assigned ? partitions : nullptr);
    }
}

ErrorName Consumer::assign(const Offsets& from) {
    return name_of(rd_kafka_assign(client_.get(), to_list(from).get()));
}

ErrorName Consumer::assign(const std::string& topic, std::int32_t partition, std::int64_t offset) {
    return assign({{{topic, partition}, offset}});
}

ErrorName Consumer::subscribe(const std::vector<std::string>& topics) {
    Offsets list;
    for (const std::string& topic : topics) {
        list[{topic, RD_KAFKA_PARTITION_UA}] = RD_KAFKA_OFFSET_INVALID;
    }
    return name_of(rd_kafka_subscribe(client_.get(), to_list(list).get()));
}

ErrorName Consumer::unsubscribe() {
    return name_of(rd_kafka_unsubscribe(client_.get()));
}

std::optional<Record> Consumer::poll(std::chrono::milliseconds wait) {
    const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consumer_poll(client_.get(), static_cast<int>(wait.count())),
        &rd_kafka_message_destroy);
    if (!message) return std::nullopt;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        errors_.push_back(name_of(message->err));
        return std::nullopt;
    }
    return record_of(message.get());
}

std::vector<Record> Consumer::read(std::size_t count, std::chrono::milliseconds limit) {
    std::vector<Record> records;
    eventually(
        [&] {
            if (auto record = poll()) records.push_back(std::move(*record));
            while (records.size() < count) {
                auto record = poll(std::chrono::milliseconds{0});
                if (!record) break;
                records.push_back(std::move(*record));
            }
            return records.size() >= count;
        },
        limit);
    return records;
}

Offsets Consumer::assignment() const {
    rd_kafka_topic_partition_list_t* list = nullptr;
    if (rd_kafka_assignment(client_.get(), &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return from_list(PartitionList(list).get());
}

ErrorName Consumer::commit(const Offsets& next) {
    return name_of(rd_kafka_commit(client_.get(), to_list(next).get(), 0));
}

ErrorName Consumer::commit_position() {
    return name_of(rd_kafka_commit(client_.get(), nullptr, 0));
}

Offsets Consumer::committed(const std::vector<TopicPartition>& partitions, ErrorName* error) {
    Offsets wanted;
    for (const TopicPartition& partition : partitions) wanted[partition] = RD_KAFKA_OFFSET_INVALID;
    const PartitionList list = to_list(wanted);
    const rd_kafka_resp_err_t result = rd_kafka_committed(
        client_.get(), list.get(), static_cast<int>(std::chrono::milliseconds(patience).count()));
    if (error != nullptr) *error = name_of(result);
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return from_list(list.get(), error);
}

std::optional<std::int64_t> Consumer::committed(const std::string& topic, std::int32_t partition) {
    Offsets offsets;
    ErrorName error;
    eventually([&] {
        offsets = committed({{topic, partition}}, &error);
        return error == no_error;
    });
    const auto found = offsets.find({topic, partition});
    if (found == offsets.end() || found->second < 0) return std::nullopt;
    return found->second;
}

ErrorName Consumer::close() {
    return name_of(rd_kafka_consumer_close(client_.get()));
}

void Consumer::vanish() {
    rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

bool Consumer::saw_error(const ErrorName& error) const {
    return std::ranges::find(errors_, error) != errors_.end();
}

std::optional<std::pair<std::int64_t, std::int64_t>> watermarks(rd_kafka_t* client,
                                                                const std::string& topic,
                                                                std::int32_t partition,
                                                                ErrorName* error) {
    std::int64_t low = -1;
    std::int64_t high = -1;
    const rd_kafka_resp_err_t result = rd_kafka_query_watermark_offsets(
        client, topic.c_str(), partition, &low, &high,
        static_cast<int>(std::chrono::milliseconds(patience).count()));
    if (error != nullptr) *error = name_of(result);
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    return std::pair{low, high};
}

}  // namespace mamba::compat
