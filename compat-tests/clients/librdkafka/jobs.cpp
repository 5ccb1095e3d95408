// The jobs with librdkafka: producers and consumers by its C++ interface, administration by that in C.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Settings = std::map<std::string, std::string>;

constexpr auto patience = 60s;
constexpr int call_ms_max = 30'000;

std::string environment(const char* key) {
    const char* value = std::getenv(key);
    if (value == nullptr) throw std::runtime_error(std::string(key) + " is not set");
    return value;
}

// A name of this job's own, for a topic or a group.
std::string name(const std::string& suffix) {
    return environment("PREFIX") + "-" + suffix;
}

void expect(bool condition, const std::string& sentence) {
    if (!condition) throw std::runtime_error(sentence);
}

void expect_ok(const std::string& what, RdKafka::ErrorCode error) {
    expect(error == RdKafka::ERR_NO_ERROR, what + ": " + RdKafka::err2str(error));
}

void expect_error(const std::string& what, rd_kafka_resp_err_t got, rd_kafka_resp_err_t wanted) {
    expect(got == wanted,
           what + " gives " + rd_kafka_err2name(got) + ", not " + rd_kafka_err2name(wanted));
}

// Calls `condition`, which may itself wait a little, until it holds.
void wait_for(const std::string& what, const std::function<bool()>& condition) {
    const auto deadline = Clock::now() + patience;
    while (!condition()) {
        expect(Clock::now() < deadline, what + " did not come within 60 s");
        std::this_thread::sleep_for(10ms);
    }
}

void broker_control(const std::string& command) {
    const std::string line = "\"$BROKER_CONTROL\" " + command;
    expect(std::system(line.c_str()) == 0, "the broker was not restarted");
}

std::unique_ptr<RdKafka::Conf> configuration(const Settings& settings) {
    std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
    std::string reason;
    const auto set = [&](const std::string& key, const std::string& value) {
        expect(conf->set(key, value, reason) == RdKafka::Conf::CONF_OK, reason);
    };
    set("bootstrap.servers", environment("BOOTSTRAP"));
    for (const auto& [key, value] : settings) set(key, value);
    return conf;
}

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

void send_all(const std::string& topic, int count, int partitions) {
    Sender sender;
    for (int i = 0; i < count; ++i) sender.send(topic, {std::to_string(i), i % partitions});
    sender.flush();
}

using Assignment = std::set<std::pair<std::string, std::int32_t>>;

// Who of a group owns what. The eager protocol lets go of all before a new generation assigns, so
// no partition ever has two owners.
class Ownership {
public:
    void set(const std::string& member, Assignment assigned) {
        const std::scoped_lock lock(mutex_);
        for (const auto& [other, theirs] : owned_) {
            for (const auto& one : assigned) {
                if (other != member && theirs.contains(one)) conflict_ = member + " and " + other;
            }
        }
        owned_[member] = std::move(assigned);
    }

    // These members, all of them, own all `count` partitions.
    bool covers(const std::vector<std::string>& members, std::size_t count) {
        const std::scoped_lock lock(mutex_);
        std::size_t sum = 0;
        for (const auto& member : members) {
            if (owned_[member].empty()) return false;
            sum += owned_[member].size();
        }
        return sum == count;
    }

    void expect_no_conflict() {
        const std::scoped_lock lock(mutex_);
        expect(conflict_.empty(), conflict_ + " owned a partition at once");
    }

private:
    std::mutex mutex_;
    std::map<std::string, Assignment> owned_;
    std::string conflict_;
};

using Partitions = std::vector<std::unique_ptr<RdKafka::TopicPartition>>;

std::vector<RdKafka::TopicPartition*> pointers(const Partitions& partitions) {
    std::vector<RdKafka::TopicPartition*> result;
    for (const auto& one : partitions) result.push_back(one.get());
    return result;
}

std::unique_ptr<RdKafka::TopicPartition> partition_of(const std::string& topic, int partition,
                                                      std::int64_t offset) {
    return std::unique_ptr<RdKafka::TopicPartition>(
        RdKafka::TopicPartition::create(topic, partition, offset));
}

std::unique_ptr<RdKafka::KafkaConsumer> make_consumer(const std::string& group, Settings settings,
                                                      RdKafka::RebalanceCb* callback = nullptr) {
    settings.merge(Settings{{"group.id", name(group)}, {"auto.offset.reset", "earliest"}});
    const auto conf = configuration(settings);
    std::string reason;
    if (callback != nullptr) conf->set("rebalance_cb", callback, reason);
    std::unique_ptr<RdKafka::KafkaConsumer> consumer(
        RdKafka::KafkaConsumer::create(conf.get(), reason));
    expect(consumer != nullptr, reason);
    return consumer;
}

class Consumer {
public:
    explicit Consumer(const std::string& group, const Settings& settings = {})
        : consumer_(make_consumer(group, settings)) {}
    ~Consumer() { consumer_->close(); }
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    RdKafka::KafkaConsumer* operator->() { return consumer_.get(); }

    void subscribe(const std::string& topic) {
        expect_ok("subscribe", consumer_->subscribe({topic}));
    }

    void assign(const std::string& topic, std::int64_t offset) {
        const auto partition = partition_of(topic, 0, offset);
        expect_ok("assign", consumer_->assign({partition.get()}));
    }

    // `count` records, as they come.
    std::vector<std::unique_ptr<RdKafka::Message>> read(std::size_t count) {
        std::vector<std::unique_ptr<RdKafka::Message>> records;
        wait_for("a record", [&] {
            std::unique_ptr<RdKafka::Message> message(consumer_->consume(200));
            while (message->err() == RdKafka::ERR_NO_ERROR) {
                records.push_back(std::move(message));
                if (records.size() == count) return true;
                message.reset(consumer_->consume(200));
            }
            expect(message->err() == RdKafka::ERR__TIMED_OUT ||
                       message->err() == RdKafka::ERR_COORDINATOR_LOAD_IN_PROGRESS,  // told, and tried again
                   "consume: " + message->errstr());
            return false;
        });
        return records;
    }

    std::map<std::int32_t, std::vector<int>> read_numbers(std::size_t count) {
        std::map<std::int32_t, std::vector<int>> numbers;
        for (const auto& record : read(count)) {
            numbers[record->partition()].push_back(
                std::stoi(std::string(static_cast<char*>(record->payload()), record->len())));
        }
        return numbers;
    }

    std::pair<std::int64_t, std::int64_t> watermarks(const std::string& topic, int partition) {
        std::int64_t low = 0;
        std::int64_t high = 0;
        expect_ok("watermarks", consumer_->query_watermark_offsets(topic, partition, &low, &high,
                                                                   call_ms_max));
        return {low, high};
    }

    std::int64_t committed(const std::string& topic, int partition) {
        const auto asked = partition_of(topic, partition, RdKafka::Topic::OFFSET_INVALID);
        std::vector<RdKafka::TopicPartition*> list = {asked.get()};
        expect_ok("committed", consumer_->committed(list, call_ms_max));
        return asked->offset();
    }

    void commit(const std::string& topic, const std::map<std::int32_t, std::int64_t>& offsets) {
        Partitions list;
        for (const auto& [partition, offset] : offsets) {
            list.push_back(partition_of(topic, partition, offset));
        }
        auto raw = pointers(list);
        expect_ok("commit", consumer_->commitSync(raw));
    }

private:
    std::unique_ptr<RdKafka::KafkaConsumer> consumer_;
};

// The values are 0..count-1, each once, and in order within each partition.
void expect_numbered(const std::map<std::int32_t, std::vector<int>>& by_partition, int count) {
    std::vector<int> found;
    for (const auto& [partition, numbers] : by_partition) {
        expect(std::ranges::is_sorted(numbers),
               "partition " + std::to_string(partition) + " is out of order");
        found.insert(found.end(), numbers.begin(), numbers.end());
    }
    std::ranges::sort(found);
    for (int i = 0; i < count; ++i) {
        expect(found.size() > static_cast<std::size_t>(i) && found[static_cast<std::size_t>(i)] == i,
               "record " + std::to_string(i) + " is lost or there twice");
    }
    expect(found.size() == static_cast<std::size_t>(count), "there are more records than were sent");
}

// A member of a group that reads in a thread of its own until it leaves.
class Member : RdKafka::RebalanceCb {
public:
    Member(std::string label, const std::string& subscription, Ownership& ownership,
           const Settings& settings = {})
        : label_(std::move(label)),
          ownership_(ownership),
          consumer_(make_consumer("g", settings, this)),
          thread_([this, subscription] { read_on(subscription); }) {}

    ~Member() override { leave(); }

    void leave() {
        leaving_ = true;
        if (thread_.joinable()) thread_.join();
    }

    std::set<std::string> values() {
        const std::scoped_lock lock(mutex_);
        return values_;
    }
    std::vector<Assignment> assignments() {
        const std::scoped_lock lock(mutex_);
        return assignments_;
    }
    bool is_fenced() const { return fenced_; }

private:
    void rebalance_cb(RdKafka::KafkaConsumer* consumer, RdKafka::ErrorCode event,
                      std::vector<RdKafka::TopicPartition*>& partitions) override {
        if (event != RdKafka::ERR__ASSIGN_PARTITIONS) {
            ownership_.set(label_, {});
            consumer->unassign();
            return;
        }
        Assignment assigned;
        for (const auto* one : partitions) assigned.emplace(one->topic(), one->partition());
        {
            const std::scoped_lock lock(mutex_);
            assignments_.push_back(assigned);
        }
        ownership_.set(label_, std::move(assigned));
        consumer->assign(partitions);
    }

    void read_on(const std::string& subscription) {
        consumer_->subscribe({subscription});
        while (!leaving_) {
            const std::unique_ptr<RdKafka::Message> message(consumer_->consume(100));
            if (message->err() == RdKafka::ERR_NO_ERROR) {
                const std::scoped_lock lock(mutex_);
                values_.emplace(static_cast<char*>(message->payload()), message->len());
            } else if (message->errstr().find("fenced") != std::string::npos) {
                fenced_ = true;
            }
        }
        consumer_->close();
    }

    std::string label_;
    Ownership& ownership_;
    std::atomic<bool> leaving_ = false;
    std::atomic<bool> fenced_ = false;
    std::mutex mutex_;
    std::set<std::string> values_;
    std::vector<Assignment> assignments_;
    std::unique_ptr<RdKafka::KafkaConsumer> consumer_;
    std::thread thread_;
};

// An object of the C interface with the function that frees it.
template <typename T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

class Admin {
public:
    Admin() : client_(nullptr, nullptr) {
        std::string reason;
        client_ = {RdKafka::Producer::create(configuration({}).get(), reason),
                   [](RdKafka::Producer* producer) { delete producer; }};
        expect(client_ != nullptr, reason);
    }

    rd_kafka_resp_err_t create(const std::string& topic, int partitions,
                               const Settings& configs = {}) {
        char reason[256] = {};
        const Owned<rd_kafka_NewTopic_t> request(
            rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, reason, sizeof reason),
            &rd_kafka_NewTopic_destroy);
        for (const auto& [key, value] : configs) {
            rd_kafka_NewTopic_set_config(request.get(), key.c_str(), value.c_str());
        }
        return topic_call(request.get(), &rd_kafka_CreateTopics, &rd_kafka_event_CreateTopics_result,
                          &rd_kafka_CreateTopics_result_topics);
    }

    rd_kafka_resp_err_t remove(const std::string& topic) {
        const Owned<rd_kafka_DeleteTopic_t> request(rd_kafka_DeleteTopic_new(topic.c_str()),
                                                    &rd_kafka_DeleteTopic_destroy);
        return topic_call(request.get(), &rd_kafka_DeleteTopics, &rd_kafka_event_DeleteTopics_result,
                          &rd_kafka_DeleteTopics_result_topics);
    }

    rd_kafka_resp_err_t add_partitions(const std::string& topic, std::size_t total) {
        char reason[256] = {};
        const Owned<rd_kafka_NewPartitions_t> request(
            rd_kafka_NewPartitions_new(topic.c_str(), total, reason, sizeof reason),
            &rd_kafka_NewPartitions_destroy);
        return topic_call(request.get(), &rd_kafka_CreatePartitions,
                          &rd_kafka_event_CreatePartitions_result,
                          &rd_kafka_CreatePartitions_result_topics);
    }

    rd_kafka_resp_err_t alter_config(const std::string& topic, const char* key, const char* value) {
        const Owned<rd_kafka_ConfigResource_t> resource(
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
            &rd_kafka_ConfigResource_destroy);
        rd_kafka_ConfigResource_set_config(resource.get(), key, value);
        const auto event = ask(resource.get(), &rd_kafka_AlterConfigs);
        std::size_t count = 0;
        return rd_kafka_ConfigResource_error(rd_kafka_AlterConfigs_result_resources(
            rd_kafka_event_AlterConfigs_result(event.get()), &count)[0]);
    }

    std::string config(const std::string& topic, const std::string& key) {
        const Owned<rd_kafka_ConfigResource_t> resource(
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
            &rd_kafka_ConfigResource_destroy);
        const auto event = ask(resource.get(), &rd_kafka_DescribeConfigs);
        std::size_t count = 0;
        const auto* described = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event.get()), &count)[0];
        const auto* entries = rd_kafka_ConfigResource_configs(described, &count);
        for (std::size_t i = 0; i < count; ++i) {
            if (key == rd_kafka_ConfigEntry_name(entries[i])) {
                return rd_kafka_ConfigEntry_value(entries[i]);
            }
        }
        return {};
    }

    struct Description {
        RdKafka::ErrorCode error;
        std::size_t partitions;
        bool is_led;  // each partition has a leader
    };

    Description describe(const std::string& topic) {
        std::string reason;
        const std::unique_ptr<RdKafka::Topic> asked(
            RdKafka::Topic::create(client_.get(), topic, nullptr, reason));
        RdKafka::Metadata* answer = nullptr;
        expect_ok("metadata", client_->metadata(false, asked.get(), &answer, call_ms_max));
        const std::unique_ptr<RdKafka::Metadata> metadata(answer);
        const auto* found = metadata->topics()->at(0);
        return {found->err(), found->partitions()->size(),
                std::ranges::all_of(*found->partitions(),
                                    [](const auto* one) { return one->leader() >= 0; })};
    }

    bool is_listed(const std::string& topic) {
        RdKafka::Metadata* answer = nullptr;
        expect_ok("metadata", client_->metadata(true, nullptr, &answer, call_ms_max));
        const std::unique_ptr<RdKafka::Metadata> metadata(answer);
        return std::ranges::any_of(*metadata->topics(),
                                   [&](const auto* one) { return one->topic() == topic; });
    }

    rd_kafka_resp_err_t delete_records(const std::string& topic, std::int64_t before) {
        const Owned<rd_kafka_topic_partition_list_t> offsets(rd_kafka_topic_partition_list_new(1),
                                                             &rd_kafka_topic_partition_list_destroy);
        rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), 0)->offset = before;
        const Owned<rd_kafka_DeleteRecords_t> request(rd_kafka_DeleteRecords_new(offsets.get()),
                                                      &rd_kafka_DeleteRecords_destroy);
        const auto event = ask(request.get(), &rd_kafka_DeleteRecords);
        return rd_kafka_DeleteRecords_result_offsets(
                   rd_kafka_event_DeleteRecords_result(event.get()))
            ->elems[0]
            .err;
    }

    std::set<std::string> groups() {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle()), &rd_kafka_queue_destroy);
        rd_kafka_ListConsumerGroups(handle(), nullptr, queue.get());
        const auto event = answer(queue.get());
        std::size_t count = 0;
        const auto* listed = rd_kafka_ListConsumerGroups_result_valid(
            rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
        std::set<std::string> names;
        for (std::size_t i = 0; i < count; ++i) {
            names.insert(rd_kafka_ConsumerGroupListing_group_id(listed[i]));
        }
        return names;
    }

    struct GroupDescription {
        rd_kafka_consumer_group_state_t state;
        std::vector<std::string> client_ids;
        int assigned;  // the partitions of the first member
    };

    GroupDescription describe_group(const std::string& group) {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle()), &rd_kafka_queue_destroy);
        const char* names[] = {group.c_str()};
        rd_kafka_DescribeConsumerGroups(handle(), names, 1, nullptr, queue.get());
        const auto event = answer(queue.get());
        std::size_t count = 0;
        const auto* described = rd_kafka_DescribeConsumerGroups_result_groups(
            rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count)[0];
        GroupDescription result{rd_kafka_ConsumerGroupDescription_state(described), {}, 0};
        for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(described); ++i) {
            const auto* member = rd_kafka_ConsumerGroupDescription_member(described, i);
            result.client_ids.push_back(rd_kafka_MemberDescription_client_id(member));
            result.assigned += rd_kafka_MemberAssignment_partitions(
                                   rd_kafka_MemberDescription_assignment(member))
                                   ->cnt;
        }
        return result;
    }

    std::map<std::int32_t, std::int64_t> group_offsets(const std::string& group) {
        const Owned<rd_kafka_ListConsumerGroupOffsets_t> request(
            rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr),
            &rd_kafka_ListConsumerGroupOffsets_destroy);
        const auto event = ask(request.get(), &rd_kafka_ListConsumerGroupOffsets);
        std::size_t count = 0;
        const auto* offsets =
            rd_kafka_group_result_partitions(rd_kafka_ListConsumerGroupOffsets_result_groups(
                rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count)[0]);
        std::map<std::int32_t, std::int64_t> result;
        for (int i = 0; i < offsets->cnt; ++i) {
            result[offsets->elems[i].partition] = offsets->elems[i].offset;
        }
        return result;
    }

    rd_kafka_resp_err_t delete_group(const std::string& group) {
        const Owned<rd_kafka_DeleteGroup_t> request(rd_kafka_DeleteGroup_new(group.c_str()),
                                                    &rd_kafka_DeleteGroup_destroy);
        const auto event = ask(request.get(), &rd_kafka_DeleteGroups);
        std::size_t count = 0;
        return rd_kafka_error_code(rd_kafka_group_result_error(rd_kafka_DeleteGroups_result_groups(
            rd_kafka_event_DeleteGroups_result(event.get()), &count)[0]));
    }

    rd_kafka_resp_err_t delete_group_offsets(const std::string& group, const std::string& topic,
                                             int partitions) {
        const Owned<rd_kafka_topic_partition_list_t> list(
            rd_kafka_topic_partition_list_new(partitions), &rd_kafka_topic_partition_list_destroy);
        rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, partitions - 1);
        const Owned<rd_kafka_DeleteConsumerGroupOffsets_t> request(
            rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), list.get()),
            &rd_kafka_DeleteConsumerGroupOffsets_destroy);
        const auto event = ask(request.get(), &rd_kafka_DeleteConsumerGroupOffsets);
        std::size_t count = 0;
        return rd_kafka_error_code(
            rd_kafka_group_result_error(rd_kafka_DeleteConsumerGroupOffsets_result_groups(
                rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count)[0]));
    }

private:
    rd_kafka_t* handle() { return client_->c_ptr(); }

    static Owned<rd_kafka_event_t> answer(rd_kafka_queue_t* queue) {
        Owned<rd_kafka_event_t> event(
            rd_kafka_queue_poll(queue, static_cast<int>(std::chrono::milliseconds(patience).count())),
            &rd_kafka_event_destroy);
        expect(event != nullptr, "an admin call was not answered within 60 s");
        expect(rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR,
               std::string("an admin call failed: ") + rd_kafka_event_error_string(event.get()));
        return event;
    }

    // Sends a single request by one of the C functions, which all look alike, and waits.
    template <typename Request, typename Call>
    Owned<rd_kafka_event_t> ask(Request* request, Call* call) {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle()), &rd_kafka_queue_destroy);
        Request* list[] = {request};
        call(handle(), list, 1, nullptr, queue.get());
        return answer(queue.get());
    }

    template <typename Request, typename Call, typename Result, typename Topics>
    rd_kafka_resp_err_t topic_call(Request* request, Call* call, Result* result, Topics* topics) {
        const auto event = ask(request, call);
        std::size_t count = 0;
        return rd_kafka_topic_result_error(topics(result(event.get()), &count)[0]);
    }

    std::unique_ptr<RdKafka::Producer, void (*)(RdKafka::Producer*)> client_;
};

// A topic for as long as the object lives.
class Topic {
public:
    Topic(const std::string& suffix, int partitions) : name_(name(suffix)) {
        expect_error("creating a topic", admin_.create(name_, partitions), RD_KAFKA_RESP_ERR_NO_ERROR);
        wait_for("a leader of each partition", [&] {
            const auto found = admin_.describe(name_);
            return found.is_led && found.partitions == static_cast<std::size_t>(partitions);
        });
    }
    ~Topic() {
        try {
            admin_.remove(name_);
        } catch (const std::exception& error) {
            std::cerr << name_ << ": " << error.what() << '\n';
        }
    }
    Topic(const Topic&) = delete;
    Topic& operator=(const Topic&) = delete;

    operator const std::string&() const { return name_; }

private:
    Admin admin_;
    std::string name_;
};

std::string text_of(const void* bytes, std::size_t size) {
    return {static_cast<const char*>(bytes), size};
}

void produce_codecs() {
    for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        const Topic topic(codec, 3);
        Sender sender({{"compression.type", codec}});
        std::map<std::string, std::vector<std::string>> sent;
        for (int i = 0; i < 500; ++i) {
            const std::string key = "key-" + std::to_string(i % 20);
            sent[key].push_back("value-value-value-" + std::to_string(i));
            sender.send(topic, {.value = sent[key].back(),
                                .key = key,
                                .headers = {{"codec", codec}, {"empty", ""}}});
        }
        sender.flush();

        Consumer consumer(codec);
        consumer.subscribe(topic);
        std::map<std::string, std::vector<std::string>> found;
        for (const auto& record : consumer.read(500)) {
            const auto headers = record->headers()->get_all();
            expect(headers.size() == 2 && headers[0].key() == "codec" && headers[1].key() == "empty" &&
                       text_of(headers[0].value(), headers[0].value_size()) == codec &&
                       headers[1].value() != nullptr && headers[1].value_size() == 0,
                   "the headers with " + codec + " are not those sent");
            found[*record->key()].push_back(text_of(record->payload(), record->len()));
        }
        expect(found == sent, "the records with " + codec + " are not those sent, or in another order");
    }
}

void group_of_three() {
    const Topic topic("t", 6);
    Ownership ownership;
    const Settings settings = {{"auto.commit.interval.ms", "500"}};
    std::vector<std::unique_ptr<Member>> members;
    for (const char* label : {"0", "1", "2"}) {
        members.push_back(std::make_unique<Member>(label, topic, ownership, settings));
    }
    Sender sender;
    const auto send = [&](int first, int end) {
        for (int i = first; i < end; ++i) {
            sender.send(topic, {.value = std::to_string(i), .key = std::to_string(i)});
        }
    };
    wait_for("a generation of three", [&] { return ownership.covers({"0", "1", "2"}, 6); });
    send(0, 1000);
    wait_for("a record for each of three", [&] {
        return std::ranges::none_of(members, [](auto& one) { return one->values().empty(); });
    });

    std::thread leaver([&] { members[0]->leave(); });
    send(1000, 2000);
    leaver.join();
    wait_for("a generation of two", [&] { return ownership.covers({"1", "2"}, 6); });

    members.push_back(std::make_unique<Member>("3", topic, ownership, settings));
    send(2000, 3000);
    sender.flush();
    wait_for("a generation with a new member", [&] { return ownership.covers({"1", "2", "3"}, 6); });
    wait_for("every record", [&] {
        std::set<std::string> seen;
        for (const auto& member : members) seen.merge(member->values());
        return seen.size() == 3000;
    });
    for (const auto& member : members) member->leave();
    ownership.expect_no_conflict();
    Consumer consumer("g");
    for (int i = 0; i < 6; ++i) {
        expect(consumer.committed(topic, i) == consumer.watermarks(topic, i).second,
               "the offset committed for partition " + std::to_string(i) + " is not its end");
    }
}

void static_members() {
    const Topic topic("t", 4);
    Ownership ownership;
    const auto member = [&](const std::string& label, const std::string& instance) {
        return std::make_unique<Member>(label, topic, ownership,
                                        Settings{{"group.instance.id", name(instance)},
                                                 {"session.timeout.ms", "30000"}});
    };
    const auto one = member("one", "one");
    auto two = member("two", "two");
    wait_for("a generation of two", [&] { return ownership.covers({"one", "two"}, 4); });
    const Assignment had = two->assignments().back();
    const std::size_t rebalances = one->assignments().size();

    two.reset();  // a static member's close does not leave the group
    two = member("two", "two");
    wait_for("the assignment of the member that came back", [&] { return !two->assignments().empty(); });
    expect(two->assignments() == std::vector{had}, "the member that came back has other partitions");
    expect(one->assignments().size() == rebalances, "the other saw a rebalance");

    const auto usurper = member("usurper", "two");
    wait_for("the fencing of the first of two with the same id", [&] { return two->is_fenced(); });
    wait_for("the second's assignment", [&] { return !usurper->assignments().empty(); });
}

void commit_resume() {
    const Topic topic("t", 2);
    send_all(topic, 200, 2);
    std::map<std::int32_t, std::int64_t> next = {{0, 0}, {1, 0}};
    {
        Consumer consumer("g", {{"enable.auto.commit", "false"}});
        consumer.subscribe(topic);
        for (const auto& record : consumer.read(100)) next[record->partition()] = record->offset() + 1;
        consumer.commit(topic, next);
    }
    broker_control("restart");
    Consumer consumer("g", {{"enable.auto.commit", "false"}});
    consumer.subscribe(topic);
    for (const auto& record : consumer.read(100)) {
        expect(record->offset() == next[record->partition()]++,
               "after the restart offset " + std::to_string(record->offset()) + " was read");
    }
    expect(next == std::map<std::int32_t, std::int64_t>{{0, 100}, {1, 100}}, "records were left out");
}

void seek_by_time() {
    constexpr std::int64_t hour = 3'600'000;
    const std::int64_t first = std::chrono::duration_cast<std::chrono::milliseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count() -
                               10 * hour;
    const Topic topic("t", 1);
    Sender sender;
    for (int i = 0; i < 10; ++i) {
        sender.send(topic, {.value = std::to_string(i), .timestamp = first + i * hour});
    }
    sender.flush();

    Consumer consumer("g");
    const auto offset_at = [&](std::int64_t timestamp) {
        const auto asked = partition_of(topic, 0, timestamp);
        std::vector<RdKafka::TopicPartition*> list = {asked.get()};
        expect_ok("offsetsForTimes", consumer->offsetsForTimes(list, call_ms_max));
        return asked->offset();
    };
    const std::int64_t found = offset_at(first + 4 * hour + hour / 2);
    expect(found == 5, "half an hour after record 4 offset " + std::to_string(found) + " is found");
    consumer.assign(topic, found);
    const auto record = std::move(consumer.read(1)[0]);
    expect(record->offset() == 5 && record->timestamp().timestamp == first + 5 * hour,
           "the first record read there is another");
    expect(offset_at(first + 10 * hour) == RdKafka::Topic::OFFSET_END,
           "an offset is found after the last record");
}

void idempotent_restart() {
    const Topic topic("t", 3);
    Sender sender({{"enable.idempotence", "true"},
                   {"max.in.flight", "5"},
                   {"delivery.timeout.ms", "90000"}});
    const auto send = [&](int first, int end, std::chrono::milliseconds pause) {
        for (int i = first; i < end; ++i) {
            sender.send(topic, {std::to_string(i), i % 3});
            sender.poll(pause);
        }
    };
    send(0, 1000, 0ms);
    int first = 1000;
    for (const char* command : {"restart", "kill"}) {
        std::exception_ptr failure;
        std::thread broker([&] {
            try {
                broker_control(command);
            } catch (...) {
                failure = std::current_exception();
            }
        });
        send(first, first + 2000, 1ms);
        first += 2000;
        broker.join();
        if (failure) std::rethrow_exception(failure);
    }
    sender.flush();
    expect(sender.acknowledged == 5000, std::to_string(sender.acknowledged) + " were acknowledged");

    Consumer consumer("g");
    consumer.subscribe(topic);
    expect_numbered(consumer.read_numbers(5000), 5000);
    std::int64_t sum = 0;
    for (int i = 0; i < 3; ++i) sum += consumer.watermarks(topic, i).second;
    expect(sum == 5000, "the end offsets add up to " + std::to_string(sum));
}

void pattern_subscription() {
    const Topic one("p-1", 1);
    const Topic two("p-2", 1);
    const Topic other("other", 1);
    Ownership ownership;
    Member member("member", "^" + name("p-.*"), ownership,
                  {{"topic.metadata.refresh.interval.ms", "500"}});
    Sender sender;
    sender.send(other, {"not to be seen"});
    sender.send(one, {"one"});
    sender.send(two, {"two"});
    sender.flush();
    wait_for("the records of two topics",
             [&] { return member.values() == std::set<std::string>{"one", "two"}; });
    const Topic three("p-3", 1);
    sender.send(three, {"three"});
    sender.flush();
    wait_for("the record of the later topic",
             [&] { return member.values() == std::set<std::string>{"one", "two", "three"}; });
    member.leave();
}

void topic_admin() {
    Admin admin;
    const std::string topic = name("t");
    const auto has_partitions = [&](std::size_t count) {
        return [&admin, &topic, count] { return admin.describe(topic).partitions == count; };
    };
    expect_error("creating a topic", admin.create(topic, 3, {{"retention.ms", "3600000"}}),
                 RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("the topic in the list", [&] { return admin.is_listed(topic); });
    wait_for("a description with 3 partitions", has_partitions(3));
    expect(admin.config(topic, "retention.ms") == "3600000", "retention.ms is not as created");
    expect_error("altering a config", admin.alter_config(topic, "retention.ms", "7200000"),
                 RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("the altered config", [&] { return admin.config(topic, "retention.ms") == "7200000"; });
    expect_error("adding partitions", admin.add_partitions(topic, 6), RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("a description with 6 partitions", has_partitions(6));
    expect_error("creating it again", admin.create(topic, 1), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
    expect_error("an illegal name", admin.create(name("a b"), 1), RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    expect_error("deleting it", admin.remove(topic), RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("UNKNOWN_TOPIC_OR_PARTITION for the deleted topic",
             [&] { return admin.describe(topic).error == RdKafka::ERR_UNKNOWN_TOPIC_OR_PART; });
}

void group_admin() {
    Admin admin;
    const std::string group = name("g");
    const Topic topic("t", 2);
    send_all(topic, 100, 2);
    {
        Consumer member("g", {{"enable.auto.commit", "false"}, {"client.id", name("client")}});
        member.subscribe(topic);
        member.read(100);
        member.commit(topic, {{0, 30}, {1, 45}});
        expect(admin.groups().contains(group), "the group is not in the list");
        const auto described = admin.describe_group(group);
        expect(described.state == RD_KAFKA_CONSUMER_GROUP_STATE_STABLE, "the group is not Stable");
        expect(described.client_ids == std::vector{name("client")}, "the group has other members");
        expect(described.assigned == 2, "the member's assignment is not both partitions");
        auto lag = admin.group_offsets(group);
        for (auto& [partition, offset] : lag) {
            offset = member.watermarks(topic, partition).second - offset;
        }
        expect(lag == std::map<std::int32_t, std::int64_t>{{0, 20}, {1, 5}}, "the lag is not 20 and 5");
        expect_error("deleting an active group", admin.delete_group(group),
                     RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP);
    }
    expect_error("deleting its offsets", admin.delete_group_offsets(group, topic, 2),
                 RD_KAFKA_RESP_ERR_NO_ERROR);
    expect(admin.group_offsets(group).empty(), "offsets are left");
    expect_error("deleting the group", admin.delete_group(group), RD_KAFKA_RESP_ERR_NO_ERROR);
    expect(!admin.groups().contains(group), "the deleted group is still listed");
}

void delete_records() {
    Admin admin;
    const Topic topic("t", 1);
    send_all(topic, 100, 1);
    expect_error("deleting records", admin.delete_records(topic, 60), RD_KAFKA_RESP_ERR_NO_ERROR);
    Consumer consumer("g");
    expect(consumer.watermarks(topic, 0) == std::pair<std::int64_t, std::int64_t>{60, 100},
           "the earliest offset is not 60, or the latest not 100");
    consumer.subscribe(topic);
    std::int64_t next = 60;
    for (const auto& record : consumer.read(40)) {
        expect(record->offset() == next++, "reading does not start at 60");
    }
    expect_error("deleting beyond the end", admin.delete_records(topic, 101),
                 RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
}

void large_records() {
    const Topic topic("t", 1);
    std::vector<std::string> values;
    std::mt19937 random(1);
    for (int i = 0; i < 20; ++i) {
        values.emplace_back(1'000'000, '\0');
        std::ranges::generate(values.back(), [&] { return static_cast<char>(random()); });
    }
    Sender sender({{"message.max.bytes", "3000000"}});
    for (const auto& value : values) sender.send(topic, {value});
    sender.flush();
    Consumer consumer("g");
    consumer.subscribe(topic);
    const auto records = consumer.read(20);
    for (std::size_t i = 0; i < records.size(); ++i) {
        expect(text_of(records[i]->payload(), records[i]->len()) == values[i],
               "record " + std::to_string(i) + " is not what was sent");
    }
    sender.send(topic, {std::string(2'000'000, 'x')});
    expect(sender.flush_with_errors() == std::vector{RdKafka::ERR_MSG_SIZE_TOO_LARGE},
           "a record of 2,000,000 bytes does not meet MESSAGE_TOO_LARGE");
}

void thousand_partitions() {
    const Topic topic("t", 1000);
    send_all(topic, 3000, 1000);
    Consumer consumer("g");
    consumer.subscribe(topic);
    const auto numbers = consumer.read_numbers(3000);
    expect_numbered(numbers, 3000);
    expect(numbers.size() == 1000, std::to_string(numbers.size()) + " partitions were read");
    expect(Admin().describe(topic).partitions == 1000, "not 1,000 partitions are described");
}

const std::map<std::string, void (*)()> jobs = {
    {"produce-codecs", produce_codecs},
    {"group-of-three", group_of_three},
    {"static-members", static_members},
    {"commit-resume", commit_resume},
    {"seek-by-time", seek_by_time},
    {"idempotent-restart", idempotent_restart},
    {"pattern-subscription", pattern_subscription},
    {"topic-admin", topic_admin},
    {"group-admin", group_admin},
    {"delete-records", delete_records},
    {"large-records", large_records},
    {"thousand-partitions", thousand_partitions},
};

}  // namespace

int main(int argc, char** argv) {
    const auto job = jobs.find(argc == 2 ? argv[1] : "");
    if (job == jobs.end()) {
        std::cout << "usage: jobs JOB\n";
        return 2;
    }
    try {
        job->second();
        return 0;
    } catch (const std::exception& error) {
        std::cout << error.what() << '\n';
        return 1;
    }
}
