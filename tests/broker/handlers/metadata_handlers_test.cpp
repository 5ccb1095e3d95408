#include "broker/handlers/metadata_handlers.h"

#include <gtest/gtest.h>

#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_cluster.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "protocol/messages/metadata.h"
#include "tests/broker/metadata/memory_store.h"
#include "tests/broker/metadata/metadata_fixture.h"

namespace mamba::broker {
namespace {

class MetadataHandlers : public testing::Test {
protected:
    explicit MetadataHandlers(std::map<std::string, std::string, std::less<>> settings = {})
        : configs(DynamicConfig(std::move(settings), Machine{}, BrokerId(1))) {
        auto owned = std::make_unique<MemoryStore>();
        store = owned.get();
        service = MetadataService::open(std::move(owned),
                                        Controller({}, configs.rules(), [] { return next_id(); }))
                      .value();
        producer_ids = std::make_unique<ProducerIds>(*service);
        EXPECT_TRUE(service->run(RegisterBroker{test_broker(1), {}}));
        EXPECT_TRUE(service->run(SetClusterId{"cluster"}));
        client.listener = "PLAINTEXT";
    }
    static Uuid next_id() {
        static std::uint8_t count = 0;
        return Uuid{{std::byte{1}, std::byte{++count}}};
    }

    // Calls a handler and returns its answer; what it submitted is carried out.
    template <class Response, class Request>
    Response ask(void (*handler)(MetadataServices, const Request&, const RequestContext&,
                                 Reply<Response>),
                 const Request& request, protocol::MessageVersion version = Request::version_max) {
        std::optional<Response> answer;
        const RequestContext context{client, "test", version, Instant(), Timestamp(1)};
        handler({*service, configs, *producer_ids}, request, context,
                Reply<Response>([&](Response&& response) { answer = std::move(response); }));
        service->run_pending();
        EXPECT_TRUE(answer.has_value());
        // What a handler answers can be said at the version that was asked.
        protocol::Writer out;
        answer->encode(out, version);
        EXPECT_EQ(out.dropped_field(), nullptr);
        return std::move(*answer);
    }
    void create(const std::string& name, std::int32_t partitions = 1) {
        const auto created =
            service->run(CreateTopics{{{.name = name, .partition_count = partitions}}, false});
        ASSERT_TRUE(created && !created->at(0).refusal);
    }
    static protocol::MetadataRequest metadata_of(std::vector<std::string_view> names) {
        protocol::MetadataRequest request;
        for (const std::string_view name : names) request.topics->emplace_back().name = name;
        return request;
    }

    ConfigService configs;
    MemoryStore* store = nullptr;
    std::unique_ptr<MetadataService> service;
    std::unique_ptr<ProducerIds> producer_ids;
    Client client;
};

class MetadataHandlersWithoutAutoCreation : public MetadataHandlers {
protected:
    MetadataHandlersWithoutAutoCreation()
        : MetadataHandlers({{"auto.create.topics.enable", "false"}}) {}
};

std::int16_t wire(ErrorCode code) {
    return to_wire(code);
}

TEST_F(MetadataHandlers, MetadataAnswersAtEveryVersion) {
    create("t", 2);
    for (protocol::MessageVersion version = 0; version <= 13; ++version) {
        SCOPED_TRACE(version);
        const auto answer = ask(on_metadata, metadata_of({"t"}), version);
        ASSERT_EQ(answer.brokers.size(), 1U);
        EXPECT_EQ(answer.brokers[0].host, "host1");
        ASSERT_EQ(answer.topics.size(), 1U);
        EXPECT_EQ(answer.topics[0].error_code, 0);
        ASSERT_EQ(answer.topics[0].partitions.size(), 2U);
        EXPECT_EQ(answer.topics[0].partitions[1].partition_index, 1);
        EXPECT_EQ(answer.topics[0].partitions[1].leader_id, 1);
        EXPECT_EQ(answer.topics[0].topic_id.is_zero(), version < 10);
    }
}

TEST_F(MetadataHandlers, NullOrAnOldEmptyListAsksForAllTopics) {
    create("a");
    create("b");
    protocol::MetadataRequest request;
    EXPECT_EQ(ask(on_metadata, request, 0).topics.size(), 2U);
    EXPECT_EQ(ask(on_metadata, request, 1).topics.size(), 0U);
    request.topics.reset();
    EXPECT_EQ(ask(on_metadata, request, 12).topics.size(), 2U);
}

TEST_F(MetadataHandlers, UnknownTopicIsCreatedBehindItsRefusal) {
    const auto first = ask(on_metadata, metadata_of({"t", "t", "bad name"}));
    ASSERT_EQ(first.topics.size(), 2U);
    EXPECT_EQ(first.topics[0].error_code, wire(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(first.topics[1].error_code, wire(ErrorCode::invalid_topic_exception));
    const auto second = ask(on_metadata, metadata_of({"t"}));
    EXPECT_EQ(second.topics[0].error_code, 0);
    EXPECT_EQ(second.topics[0].partitions.size(), 1U);
}

TEST_F(MetadataHandlers, ClientCanForbidTheCreation) {
    auto request = metadata_of({"t"});
    request.allow_auto_topic_creation = false;
    ask(on_metadata, request);
    EXPECT_EQ(service->image()->topic_count(), 0U);
}

TEST_F(MetadataHandlersWithoutAutoCreation, BrokerCanForbidTheCreation) {
    ask(on_metadata, metadata_of({"t"}));
    EXPECT_EQ(service->image()->topic_count(), 0U);
}

TEST_F(MetadataHandlers, TopicsAreFoundById) {
    create("t");
    protocol::MetadataRequest request;
    auto& known = request.topics->emplace_back();
    known.name.reset();
    known.topic_id = service->image()->find_topic("t")->id;
    auto& unknown = request.topics->emplace_back();
    unknown.name.reset();
    unknown.topic_id = Uuid{{std::byte{99}}};
    const auto answer = ask(on_metadata, request);
    ASSERT_EQ(answer.topics.size(), 2U);
    EXPECT_EQ(answer.topics[0].name, "t");
    EXPECT_EQ(answer.topics[1].error_code, wire(ErrorCode::unknown_topic_id));
    EXPECT_EQ(answer.topics[1].name, std::nullopt);
}

// Versions 10 and 11 carry ids but may not use them; the whole request is refused.
TEST_F(MetadataHandlers, IdsAreRefusedBeforeVersion12) {
    create("t");
    protocol::MetadataRequest request = metadata_of({"t", "u"});
    request.topics->back().topic_id = service->image()->find_topic("t")->id;
    const auto refused = ask(on_metadata, request, 11);
    EXPECT_TRUE(refused.brokers.empty());
    ASSERT_EQ(refused.topics.size(), 2U);
    EXPECT_EQ(refused.topics[0].error_code, wire(ErrorCode::invalid_request));
    EXPECT_EQ(refused.topics[1].name, "u");
    EXPECT_EQ(refused.topics[1].topic_id, request.topics->back().topic_id);

    request.topics->back() = {};
    request.topics->back().name.reset();
    EXPECT_EQ(ask(on_metadata, request, 13).error_code, wire(ErrorCode::invalid_request));
}

TEST_F(MetadataHandlers, NamesBesideIdsAreNotLookedAt) {
    create("t");
    create("u");
    protocol::MetadataRequest request = metadata_of({"u", "nope"});
    request.topics->back().topic_id = service->image()->find_topic("t")->id;
    const auto answer = ask(on_metadata, request);
    ASSERT_EQ(answer.topics.size(), 1U);
    EXPECT_EQ(answer.topics[0].name, "t");
}

TEST_F(MetadataHandlers, OperationsAreToldWhenAskedFor) {
    create("t");
    auto request = metadata_of({"t"});
    EXPECT_EQ(ask(on_metadata, request).topics[0].topic_authorized_operations,
              std::numeric_limits<std::int32_t>::min());
    request.include_topic_authorized_operations = true;
    EXPECT_EQ(ask(on_metadata, request).topics[0].topic_authorized_operations, 3576);
    request.include_cluster_authorized_operations = true;
    EXPECT_EQ(ask(on_metadata, request, 10).cluster_authorized_operations, 8096);
}

TEST_F(MetadataHandlers, ListenerWithoutEndpointIsSaid) {
    create("t");
    client.listener = "OTHER";
    const auto answer = ask(on_metadata, metadata_of({"t"}));
    EXPECT_TRUE(answer.brokers.empty());
    EXPECT_EQ(answer.topics[0].partitions[0].error_code, wire(ErrorCode::listener_not_found));
    const auto old = ask(on_metadata, metadata_of({"t"}), 5);
    EXPECT_EQ(old.topics[0].partitions[0].error_code, wire(ErrorCode::leader_not_available));
}

TEST_F(MetadataHandlers, CreatedTopicTellsItsSettings) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.num_partitions = 3;
    topic.replication_factor = -1;
    auto& config = topic.configs.emplace_back();
    config.name = "retention.ms";
    config.value = " 5000";  // told as it was written
    for (const bool validate_only : {true, false}) {
        request.validate_only = validate_only;
        const auto answer = ask(on_create_topics, request);
        ASSERT_EQ(answer.topics.size(), 1U);
        const auto& result = answer.topics[0];
        EXPECT_EQ(result.error_code, 0);
        EXPECT_EQ(result.error_message, std::nullopt);
        EXPECT_EQ(result.num_partitions, 3);
        EXPECT_EQ(result.replication_factor, 1);
        EXPECT_FALSE(result.topic_id.is_zero());
        bool told = false;
        for (const auto& each : *result.configs) {
            if (each.name != "retention.ms") continue;
            told = true;
            EXPECT_EQ(each.value, " 5000");
            EXPECT_EQ(each.config_source, 1);
        }
        EXPECT_TRUE(told);
        EXPECT_EQ(service->image()->topic_count(), validate_only ? 0U : 1U);
    }
    for (protocol::MessageVersion version = 2; version <= 7; ++version) {
        const auto again = ask(on_create_topics, request, version);
        EXPECT_EQ(again.topics.at(0).error_code, wire(ErrorCode::topic_already_exists));
        EXPECT_EQ(again.topics.at(0).error_message, "Topic 't' already exists.");
    }
}

TEST_F(MetadataHandlers, FailedStoreRefusesEachTopic) {
    store->failure = StoreError{StoreErrorKind::disk_full, "no space left"};
    protocol::CreateTopicsRequest request;
    request.topics.emplace_back().name = "a";
    request.topics.back().num_partitions = 1;
    request.topics.back().replication_factor = 1;
    const auto answer = ask(on_create_topics, request);
    ASSERT_EQ(answer.topics.size(), 1U);
    EXPECT_EQ(answer.topics[0].error_code, wire(ErrorCode::kafka_storage_error));
    EXPECT_EQ(service->image()->topic_count(), 0U);
}

TEST_F(MetadataHandlers, TopicsAreDeletedAtEveryVersion) {
    for (protocol::MessageVersion version = 1; version <= 6; ++version) {
        SCOPED_TRACE(version);
        create("t");
        protocol::DeleteTopicsRequest request;
        request.timeout_ms = 1000;
        if (version >= 6) {
            request.topics.emplace_back().name = "t";
            request.topics.emplace_back().topic_id = Uuid{{std::byte{77}}};
        } else {
            request.topic_names = {"t", "none"};
        }
        const auto answer = ask(on_delete_topics, request, version);
        ASSERT_EQ(answer.responses.size(), 2U);
        EXPECT_EQ(answer.responses[0].name, "t");
        EXPECT_EQ(answer.responses[0].error_code, 0);
        EXPECT_EQ(answer.responses[1].error_code,
                  wire(version >= 6 ? ErrorCode::unknown_topic_id
                                    : ErrorCode::unknown_topic_or_partition));
        EXPECT_EQ(service->image()->topic_count(), 0U);
    }
}

TEST_F(MetadataHandlers, PartitionsAreAdded) {
    create("t");
    protocol::CreatePartitionsRequest request;
    request.timeout_ms = 1000;
    request.topics.emplace_back().name = "t";
    request.topics[0].count = 4;
    request.topics[0].assignments.reset();
    request.topics.emplace_back().name = "none";
    request.topics[1].count = 4;
    const auto answer = ask(on_create_partitions, request);
    ASSERT_EQ(answer.results.size(), 2U);
    EXPECT_EQ(answer.results[0].error_code, 0);
    EXPECT_EQ(answer.results[0].error_message, std::nullopt);
    EXPECT_EQ(answer.results[1].error_code, wire(ErrorCode::unknown_topic_or_partition));
    EXPECT_EQ(service->image()->find_topic("t")->partition_count(), 4);
}

TEST_F(MetadataHandlers, ClusterIsDescribed) {
    protocol::DescribeClusterRequest request;
    request.include_cluster_authorized_operations = true;
    const auto answer = ask(on_describe_cluster, request);
    EXPECT_EQ(answer.cluster_id, "cluster");
    EXPECT_EQ(answer.controller_id, 1);
    ASSERT_EQ(answer.brokers.size(), 1U);
    EXPECT_EQ(answer.cluster_authorized_operations, 8096);
    request.endpoint_type = 2;
    EXPECT_EQ(ask(on_describe_cluster, request).error_code,
              wire(ErrorCode::mismatched_endpoint_type));
    request.endpoint_type = 9;
    EXPECT_EQ(ask(on_describe_cluster, request).error_message, "Unsupported endpoint type 9");
}

// Pages as Kafka 4.3 gives them: the cursor names the first partition that is left.
TEST_F(MetadataHandlers, TopicPartitionsComeInPages) {
    create("c1", 6);
    create("c2", 1);
    protocol::DescribeTopicPartitionsRequest request;
    for (const char* name : {"c2", "c1", "nope", "a b", "c1"})
        request.topics.emplace_back().name = name;
    auto answer = ask(on_describe_topic_partitions, request);
    ASSERT_EQ(answer.topics.size(), 4U);
    EXPECT_EQ(answer.topics[0].error_code, wire(ErrorCode::invalid_topic_exception));
    EXPECT_EQ(answer.topics[1].partitions.size(), 6U);
    EXPECT_EQ(answer.topics[2].name, "c2");
    EXPECT_EQ(answer.topics[3].error_code, wire(ErrorCode::unknown_topic_or_partition));
    EXPECT_FALSE(answer.next_cursor);

    request.topics.erase(request.topics.begin() + 3);
    request.response_partition_limit = 6;
    answer = ask(on_describe_topic_partitions, request);
    ASSERT_TRUE(answer.next_cursor);
    EXPECT_EQ(answer.next_cursor->topic_name, "c2");
    EXPECT_EQ(answer.next_cursor->partition_index, 0);

    request.response_partition_limit = -5;  // at least one
    protocol::DescribeTopicPartitionsRequest::Cursor cursor;
    cursor.topic_name = "c1";
    cursor.partition_index = 4;
    request.cursor = cursor;
    answer = ask(on_describe_topic_partitions, request);
    ASSERT_EQ(answer.topics.size(), 1U);
    ASSERT_EQ(answer.topics[0].partitions.size(), 1U);
    EXPECT_EQ(answer.topics[0].partitions[0].partition_index, 4);
    EXPECT_EQ(answer.next_cursor->partition_index, 5);

    request.cursor->partition_index = 50;
    request.response_partition_limit = 10;
    answer = ask(on_describe_topic_partitions, request);
    ASSERT_EQ(answer.topics.size(), 3U);
    EXPECT_TRUE(answer.topics[0].partitions.empty());

    request.cursor->partition_index = -1;
    answer = ask(on_describe_topic_partitions, request);
    EXPECT_EQ(answer.topics.at(0).error_code, wire(ErrorCode::invalid_request));
    request.cursor->topic_name = "elsewhere";
    request.cursor->partition_index = 0;
    answer = ask(on_describe_topic_partitions, request);
    EXPECT_EQ(answer.topics.at(0).error_code, wire(ErrorCode::invalid_request));
}

TEST_F(MetadataHandlers, ElectionsAreNotNeeded) {
    create("t");
    protocol::ElectLeadersRequest request;
    auto& topic = request.topic_partitions->emplace_back();
    topic.topic = "t";
    topic.partitions = {0, 99};
    auto answer = ask(on_elect_leaders, request);
    const auto& results = answer.replica_election_results.at(0).partition_result;
    EXPECT_EQ(results[0].error_code, wire(ErrorCode::election_not_needed));
    EXPECT_EQ(results[1].error_message, "No such partition as t-99");
    request.election_type = 5;
    answer = ask(on_elect_leaders, request);
    EXPECT_EQ(answer.error_code, wire(ErrorCode::invalid_request));
    request.election_type = 0;
    request.topic_partitions.reset();
    EXPECT_EQ(ask(on_elect_leaders, request, 0).replica_election_results.size(), 1U);
    request.election_type = 5;
    EXPECT_TRUE(ask(on_elect_leaders, request).replica_election_results.empty());
}

// No time to wait means no time to act, as in Kafka.
TEST_F(MetadataHandlers, RequestWithoutTimeIsNotTakenUp) {
    create("t");
    protocol::CreateTopicsRequest create_request;
    create_request.timeout_ms = 0;
    create_request.topics.emplace_back().name = "u";
    create_request.topics.back().num_partitions = 1;
    create_request.topics.back().replication_factor = 1;
    const auto created = ask(on_create_topics, create_request);
    EXPECT_EQ(created.topics.at(0).error_code, wire(ErrorCode::request_timed_out));
    EXPECT_EQ(created.topics.at(0).error_message, std::nullopt);

    protocol::CreatePartitionsRequest partitions_request;
    partitions_request.timeout_ms = -1;
    partitions_request.topics.emplace_back().name = "t";
    partitions_request.topics.back().count = 2;
    EXPECT_EQ(ask(on_create_partitions, partitions_request).results.at(0).error_code,
              wire(ErrorCode::request_timed_out));

    protocol::DeleteTopicsRequest delete_request;
    delete_request.topics.emplace_back().name = "t";
    EXPECT_EQ(ask(on_delete_topics, delete_request).responses.at(0).error_code,
              wire(ErrorCode::request_timed_out));

    protocol::ElectLeadersRequest elect_request;
    elect_request.timeout_ms = 0;
    EXPECT_EQ(ask(on_elect_leaders, elect_request).error_code, 0);  // nothing was asked for
    elect_request.topic_partitions.reset();
    EXPECT_EQ(ask(on_elect_leaders, elect_request).error_code, wire(ErrorCode::request_timed_out));

    EXPECT_EQ(service->image()->topic_count(), 1U);
    EXPECT_EQ(service->image()->find_topic("t")->partition_count(), 1);
}

TEST_F(MetadataHandlers, NothingIsReassigned) {
    const auto answer =
        ask(on_list_partition_reassignments, protocol::ListPartitionReassignmentsRequest());
    EXPECT_EQ(answer.error_code, 0);
    EXPECT_TRUE(answer.topics.empty());
}

TEST_F(MetadataHandlers, FirstGroupBringsItsTopicIntoBeing) {
    protocol::FindCoordinatorRequest request;
    request.coordinator_keys = {"g1", "g2"};
    auto answer = ask(on_find_coordinator, request);
    ASSERT_EQ(answer.coordinators.size(), 2U);
    EXPECT_EQ(answer.coordinators[0].error_code, wire(ErrorCode::coordinator_not_available));
    const ClusterImagePtr image = service->image();
    ASSERT_NE(image->find_topic("__consumer_offsets"), nullptr);
    EXPECT_EQ(image->find_topic("__consumer_offsets")->partition_count(), 50);
    EXPECT_EQ(image->configs(ConfigResourceType::topic, "__consumer_offsets"),
              (ConfigMap{{"cleanup.policy", "compact"},
                         {"compression.type", "producer"},
                         {"segment.bytes", "104857600"}}));
    answer = ask(on_find_coordinator, request);
    EXPECT_EQ(answer.coordinators[1].error_code, 0);
    EXPECT_EQ(answer.coordinators[1].node_id, 1);
    EXPECT_EQ(answer.coordinators[1].port, 9092);
    for (protocol::MessageVersion version = 0; version <= 3; ++version) {
        protocol::FindCoordinatorRequest old;
        old.key = "g1";
        EXPECT_EQ(ask(on_find_coordinator, old, version).node_id, 1);
    }
}

TEST_F(MetadataHandlers, TransactionsAreRefusedForGood) {
    protocol::FindCoordinatorRequest find;
    find.coordinator_keys = {"tx"};
    find.key_type = 1;
    EXPECT_EQ(ask(on_find_coordinator, find).coordinators.at(0).error_code,
              wire(ErrorCode::unsupported_version));
    find.key_type = 9;
    EXPECT_EQ(ask(on_find_coordinator, find).coordinators.at(0).error_code,
              wire(ErrorCode::invalid_request));
    protocol::InitProducerIdRequest init;
    init.transactional_id = "tx";
    EXPECT_EQ(ask(on_init_producer_id, init).error_code, wire(ErrorCode::unsupported_version));
    EXPECT_EQ(service->image()->topic_count(), 0U);
}

TEST_F(MetadataHandlers, ProducersGetIdsOfTheirOwn) {
    protocol::InitProducerIdRequest request;
    request.transactional_id.reset();
    for (std::int64_t id = 0; id < 3; ++id) {
        const auto answer = ask(on_init_producer_id, request, 4);
        EXPECT_EQ(answer.error_code, 0);
        EXPECT_EQ(answer.producer_id, id);
        EXPECT_EQ(answer.producer_epoch, 0);
    }
    request.producer_id = 1;
    EXPECT_EQ(ask(on_init_producer_id, request, 4).error_code, wire(ErrorCode::invalid_request));
    request.producer_epoch = 3;
    EXPECT_EQ(ask(on_init_producer_id, request, 4).producer_id, 3);
    request.transactional_id = "";
    EXPECT_EQ(ask(on_init_producer_id, request, 4).error_code, wire(ErrorCode::invalid_request));
}

}  // namespace
}  // namespace mamba::broker
