#include "broker/handlers/config_handlers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/logging.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/list_config_resources.h"
#include "tests/broker/metadata/memory_store.h"

namespace mamba::broker {
namespace {

constexpr std::int8_t topic_type = 2;
constexpr std::int8_t broker_type = 4;
constexpr std::int8_t logger_type = 8;
constexpr std::int8_t client_metrics_type = 16;
constexpr std::int8_t group_type = 32;

enum Operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

class ConfigHandlers : public testing::Test {
protected:
    void SetUp() override {
        Controller controller({}, configs.rules(),
                              [] { return Uuid::from_random({std::byte{7}}); });
        metadata =
            MetadataService::open(std::make_unique<MemoryStore>(), std::move(controller)).value();
        BrokerRegistration self;
        self.id = BrokerId{1};
        ASSERT_TRUE(metadata->run(RegisterBroker{self, {}}));
        CreateTopics create;
        create.topics.emplace_back().name = "t";
        ASSERT_TRUE(metadata->run(std::move(create)));
    }

    ConfigServices services() { return {*metadata, configs}; }

    // The answer to one edit of one resource: "NAME: message".
    std::string alter(std::int8_t type, std::string_view resource_name, std::int8_t operation,
                      std::string_view name, std::optional<std::string_view> value,
                      bool validate_only = false) {
        protocol::IncrementalAlterConfigsRequest request;
        request.validate_only = validate_only;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = type;
        resource.resource_name = resource_name;
        auto& config = resource.configs.emplace_back();
        config.name = name;
        config.config_operation = operation;
        config.value = value;
        return alter(request);
    }
    std::string alter(const protocol::IncrementalAlterConfigsRequest& request) {
        std::string text;
        on_incremental_alter_configs(
            services(), request, context,
            Reply<protocol::IncrementalAlterConfigsResponse>([&](auto&& response) {
                for (const auto& result : response.responses) text += answer_text(result);
            }));
        metadata->run_pending();
        return text;
    }
    static std::string answer_text(const auto& result) {
        std::string text(name_of(ErrorCode{result.error_code}));
        if (result.error_message) text += ": " + *result.error_message;
        return text + ';';
    }

    std::string value_of(std::int8_t type, std::string_view resource_name, std::string_view name) {
        protocol::DescribeConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = type;
        resource.resource_name = resource_name;
        resource.configuration_keys.emplace().push_back(name);
        std::string text;
        on_describe_configs(services(), request, context,
                            Reply<protocol::DescribeConfigsResponse>([&](auto&& response) {
                                const auto& result = response.results.at(0);
                                if (result.error_code != 0) text = answer_text(result);
                                for (const auto& one : result.configs)
                                    text += one.value.value_or("null");
                            }));
        return text;
    }

    ConfigService configs{DynamicConfig({}, Machine{.cores = 1, .memory_bytes = 0}, BrokerId{1})};
    std::unique_ptr<MetadataService> metadata;
    Client client;
    RequestContext context{
        .client = client, .client_id = {}, .version = 1, .received = {}, .now = {}};
};

TEST_F(ConfigHandlers, SettingIsDescribedAsAltered) {
    EXPECT_EQ(alter(topic_type, "t", set, "retention.ms", "5"), "NONE;");
    EXPECT_EQ(value_of(topic_type, "t", "retention.ms"), "5");
    EXPECT_EQ(alter(topic_type, "t", remove, "retention.ms", std::nullopt), "NONE;");
    EXPECT_EQ(value_of(topic_type, "t", "retention.ms"), "604800000");
    EXPECT_EQ(alter(broker_type, "", set, "log.retention.ms", "6"), "NONE;");
    EXPECT_EQ(value_of(topic_type, "t", "retention.ms"), "6");
    EXPECT_EQ(alter(group_type, "g", set, "consumer.session.timeout.ms", "50000"), "NONE;");
    EXPECT_EQ(value_of(group_type, "g", "consumer.session.timeout.ms"), "50000");
}

TEST_F(ConfigHandlers, ListsGrowAndShrink) {
    EXPECT_EQ(alter(topic_type, "t", append, "cleanup.policy", "compact"), "NONE;");
    EXPECT_EQ(value_of(topic_type, "t", "cleanup.policy"), "delete,compact");
    EXPECT_EQ(alter(topic_type, "t", subtract, "cleanup.policy", "delete"), "NONE;");
    EXPECT_EQ(value_of(topic_type, "t", "cleanup.policy"), "compact");
    EXPECT_EQ(alter(topic_type, "t", append, "retention.ms", "5"),
              "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.;");
}

TEST_F(ConfigHandlers, ValidateOnlyChangesNothing) {
    EXPECT_EQ(alter(topic_type, "t", set, "retention.ms", "5", true), "NONE;");
    EXPECT_EQ(value_of(topic_type, "t", "retention.ms"), "604800000");
}

// The messages are Apache Kafka 4.3's own, taken from its answers.
TEST_F(ConfigHandlers, RefuseInKafkasWords) {
    EXPECT_EQ(alter(topic_type, "t", set, "retention.ms", std::nullopt),
              "INVALID_REQUEST: Null value not supported for : retention.ms;");
    EXPECT_EQ(alter(topic_type, "nope", set, "retention.ms", "5"),
              "UNKNOWN_TOPIC_OR_PARTITION: The topic 'nope' does not exist.;");
    EXPECT_EQ(alter(topic_type, "", set, "retention.ms", "5"),
              "INVALID_REQUEST: Default topic resources are not allowed.;");
    EXPECT_EQ(alter(topic_type, "bad name", set, "retention.ms", "5"),
              "INVALID_TOPIC_EXCEPTION: Topic name is invalid: 'bad name' contains one or more "
              "characters other than ASCII alphanumerics, '.', '_' and '-';");
    // An edit that cannot be made is told before a name that cannot be.
    EXPECT_EQ(alter(topic_type, "bad name", append, "retention.ms", "5"),
              "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.;");
    EXPECT_EQ(alter(group_type, "", set, "consumer.session.timeout.ms", "50000"),
              "INVALID_REQUEST: Default group resources are not allowed.;");
    EXPECT_EQ(alter(topic_type, "t", 9, "retention.ms", "5"),
              "INVALID_REQUEST: Unknown operation type id 9;");
    EXPECT_EQ(
        alter(broker_type, "1", append, "log.retention.ms", "1"),
        "INVALID_CONFIG: Config value append is not allowed for config key: log.retention.ms;");
    EXPECT_EQ(alter(77, "t", set, "retention.ms", "5"),
              "INVALID_REQUEST: Unknown resource type 77;");
}

TEST_F(ConfigHandlers, AppendingNothingIsRefusedAsAnEmptyItem) {
    EXPECT_EQ(alter(topic_type, "t", append, "cleanup.policy", ""),
              "INVALID_CONFIG: Configuration 'cleanup.policy' values must not be empty.;");
    EXPECT_EQ(alter(topic_type, "t", append, "cleanup.policy", "compact,,"), "NONE;");
    EXPECT_EQ(value_of(topic_type, "t", "cleanup.policy"), "delete,compact");
}

// A wrong setting is told before the missing topic.
TEST_F(ConfigHandlers, SettingsAreLookedAtBeforeTheirTopic) {
    EXPECT_EQ(alter(topic_type, "nope", set, "nosuch", "5"),
              "INVALID_CONFIG: Unknown topic config name: nosuch;");
}

TEST_F(ConfigHandlers, ClientMetricsAreStoredAndDescribed) {
    EXPECT_EQ(value_of(client_metrics_type, "m", "interval.ms"), "300000");
    EXPECT_EQ(alter(client_metrics_type, "m", set, "interval.ms", "1000"), "NONE;");
    EXPECT_EQ(value_of(client_metrics_type, "m", "interval.ms"), "1000");
    EXPECT_EQ(alter(client_metrics_type, "m", set, "match", "client_id=(?!a)b.*"), "NONE;");
    EXPECT_EQ(alter(client_metrics_type, "m", set, "match", "client_id=("),
              "INVALID_CONFIG: Illegal client matching pattern: client_id=(;");
    EXPECT_EQ(alter(client_metrics_type, "", set, "interval.ms", "1000"),
              "INVALID_REQUEST: Subscription name can't be empty;");
    EXPECT_EQ(value_of(client_metrics_type, "", "interval.ms"),
              "INVALID_REQUEST: Client metrics subscription name must not be empty;");
}

TEST_F(ConfigHandlers, DescribedIsOnlyWhatCanBe) {
    EXPECT_EQ(value_of(topic_type, "bad name", "retention.ms"),
              "INVALID_TOPIC_EXCEPTION: Topic name is invalid: 'bad name' contains one or more "
              "characters other than ASCII alphanumerics, '.', '_' and '-';");
    EXPECT_EQ(value_of(broker_type, "01", "node.id"), "1");
}

// A success has an empty message, and one kind that nobody knows spoils the whole request.
TEST_F(ConfigHandlers, DescriptionStandsOrFallsAsAWhole) {
    protocol::DescribeConfigsRequest request;
    const auto codes_and_messages = [&] {
        std::string text;
        on_describe_configs(services(), request, context,
                            Reply<protocol::DescribeConfigsResponse>([&](auto&& response) {
                                for (const auto& result : response.results)
                                    text += answer_text(result).substr(0, 25);
                            }));
        return text;
    };
    auto& known = request.resources.emplace_back();
    known.resource_type = topic_type;
    known.resource_name = "t";
    EXPECT_EQ(codes_and_messages(), "NONE: ;");
    request.resources.emplace_back().resource_type = 77;
    EXPECT_EQ(codes_and_messages(), "INVALID_REQUEST: This mosINVALID_REQUEST: This mos");
}

TEST_F(ConfigHandlers, SameSettingTwiceIsRefused) {
    protocol::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = topic_type;
    resource.resource_name = "t";
    for (const char* value : {"5", "6"}) {
        auto& config = resource.configs.emplace_back();
        config.name = "retention.ms";
        config.value = value;
    }
    EXPECT_EQ(alter(request), "INVALID_REQUEST: Error due to duplicate config keys;");
}

TEST_F(ConfigHandlers, AlterConfigsResetsWhatItDoesNotName) {
    alter(topic_type, "t", set, "retention.ms", "5");
    protocol::AlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = topic_type;
    resource.resource_name = "t";
    auto& config = resource.configs.emplace_back();
    config.name = "segment.ms";
    config.value = "7";
    bool answered = false;
    on_alter_configs(services(), request, context,
                     Reply<protocol::AlterConfigsResponse>([&](auto&& response) {
                         answered = true;
                         EXPECT_EQ(answer_text(response.responses.at(0)), "NONE;");
                     }));
    metadata->run_pending();
    EXPECT_TRUE(answered);
    EXPECT_EQ(value_of(topic_type, "t", "segment.ms"), "7");
    EXPECT_EQ(value_of(topic_type, "t", "retention.ms"), "604800000");
}

TEST_F(ConfigHandlers, LoggersChangeAtOnceAndInKafkasWords) {
    EXPECT_EQ(alter(logger_type, "1", set, "mamba.net", "DEBUG"), "NONE;");
    EXPECT_EQ(value_of(logger_type, "1", "mamba.net"), "DEBUG");
    EXPECT_TRUE(logger("mamba.net").enabled(LogLevel::debug));
    EXPECT_EQ(alter(logger_type, "1", remove, "mamba.net", std::nullopt), "NONE;");
    EXPECT_EQ(value_of(logger_type, "1", "mamba.net"), "INFO");

    EXPECT_EQ(
        alter(logger_type, "1", set, "root", "debug"),
        "INVALID_CONFIG: Cannot set the log level of root to debug as it is not a supported log "
        "level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN;");
    EXPECT_EQ(alter(logger_type, "1", set, "nosuch", "INFO"),
              "INVALID_CONFIG: Logger nosuch does not exist!;");
    EXPECT_EQ(alter(logger_type, "1", remove, "root", std::nullopt),
              "INVALID_REQUEST: Removing the log level of the root logger is not allowed;");
    EXPECT_EQ(alter(logger_type, "1", append, "root", "INFO"),
              "INVALID_REQUEST: APPEND operation is not allowed for the BROKER_LOGGER resource;");
}

TEST_F(ConfigHandlers, ResourcesAreListedByType) {
    alter(group_type, "g", set, "consumer.session.timeout.ms", "50000");
    const auto list = [&](std::vector<std::int8_t> types) {
        protocol::ListConfigResourcesRequest request;
        request.resource_types = std::move(types);
        std::string text;
        on_list_config_resources(services(), request, context,
                                 Reply<protocol::ListConfigResourcesResponse>([&](auto&& response) {
                                     text = name_of(ErrorCode{response.error_code});
                                     for (const auto& one : response.config_resources)
                                         text += " " + std::to_string(one.resource_type) + ":" +
                                                 one.resource_name;
                                 }));
        return text;
    };
    EXPECT_EQ(list({}), "NONE 2:t 4:1 8:1 32:g");
    EXPECT_EQ(list({group_type}), "NONE 32:g");
    EXPECT_EQ(list({77}), "UNSUPPORTED_VERSION");
}

}  // namespace
}  // namespace mamba::broker
