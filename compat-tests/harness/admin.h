// librdkafka's admin calls, one at a time, each answered with the broker's error by name.
#pragma once

#include <string>
#include <vector>

#include "compat-tests/harness/client.h"

namespace mamba::compat {

class Admin {
public:
    struct NewTopic {
        std::string name;
        int partitions = 1;
        int replication_factor = 1;
        Settings configs = {};
        std::vector<std::vector<std::int32_t>> assignment = {};  // replicas of each partition
        bool validate_only = false;
    };
    struct ConfigEntry {
        std::string value;
        bool is_default = false;
        bool is_read_only = false;
        bool is_sensitive = false;
    };
    struct Configs {
        ErrorName error;
        std::map<std::string, ConfigEntry> entries;
    };
    struct LowWatermark {
        ErrorName error;
        std::int64_t offset = -1;
    };
    struct GroupMember {
        std::string client_id;
        std::string instance_id;
        std::vector<TopicPartition> assignment;
    };
    struct Group {
        ErrorName error;
        std::string state;
        std::string assignor;
        std::vector<GroupMember> members;
    };
    struct GroupOffsets {
        ErrorName error;
        Offsets offsets;
    };

    explicit Admin(const std::string& bootstrap, const Settings& settings = {});

    ErrorName create_topic(const NewTopic& topic);
    ErrorName delete_topic(const std::string& name);
    ErrorName create_partitions(const std::string& topic, int total,
                                const std::vector<std::vector<std::int32_t>>& assignment = {});
    // AlterConfigs replaces all of the resource's configs; validate_only changes nothing.
    ErrorName alter_configs(rd_kafka_ResourceType_t type, const std::string& name,
                            const Settings& configs, bool validate_only = false);
    Configs describe_configs(rd_kafka_ResourceType_t type, const std::string& name);
    LowWatermark delete_records(const std::string& topic, std::int32_t partition,
                                std::int64_t before);
    ErrorName delete_group(const std::string& group);
    ErrorName delete_group_offsets(const std::string& group,
                                   const std::vector<TopicPartition>& partitions);
    std::map<std::string, std::string> list_groups();  // group -> state
    Group describe_group(const std::string& group);
    GroupOffsets list_group_offsets(const std::string& group);
    GroupOffsets alter_group_offsets(const std::string& group, const Offsets& offsets);

    // All topics that the broker tells of, with their number of partitions.
    std::map<std::string, int> topics();

    rd_kafka_t* handle() const { return client_.get(); }

private:
    ClientHandle client_;
};

}  // namespace mamba::compat
