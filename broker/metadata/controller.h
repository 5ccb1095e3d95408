// What the cluster decides: a pure function from (image, event) to changes and an answer.
//
//     event                  answer, one for each thing asked about
//     CreateTopics           the topic as created, or why not
//     DeleteTopics           name and id, or why not
//     CreatePartitions       done, or why not
//     ChangeConfigs          done, or why not
//     AllocateProducerIds    a block of ids that nobody else gets
//     AdoptTopics            the id that the cluster knows the topic by
//     RegisterBroker         -
//     SetClusterId           the cluster's id: the first one set stays
//
// Nothing has happened until the changes are in the metadata store; the metadata service does that
// and only then releases the answer. The error texts are for people and close to Kafka's, since
// users search for them.
// Source: Kafka 4.3 as observed; KIP-4 (topic administration), KIP-195, KIP-339, KIP-516 (topic ids).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/metadata/cluster_image.h"
#include "protocol/error_code.h"

namespace mamba::broker {

// Why something was refused; `none` when it was not.
struct Refusal {
    ErrorCode code = ErrorCode::none;
    std::string message;

    explicit operator bool() const { return code != ErrorCode::none; }
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// How many partitions one event may create; Kafka 4.3 has the same bound.
inline constexpr std::int32_t partition_mutations_max = 10'000;
inline constexpr std::int32_t producer_id_block_size = 1'000;

struct PartitionAssignment {
    PartitionIndex partition;
    std::vector<BrokerId> replicas;
};

struct CreateTopics {
    struct Topic {
        std::string name;
        std::int32_t partition_count = -1;     // -1: the broker's default
        std::int16_t replication_factor = -1;  // -1: the broker's default
        std::vector<PartitionAssignment> assignments{};
        std::vector<std::pair<std::string, std::optional<std::string>>> configs{};
    };
    struct Created {
        std::string name;
        TopicPtr topic;  // null when refused
        ConfigMap configs;
        Refusal refusal;
    };
    using Answer = std::vector<Created>;  // in the order of `topics`, a name asked twice once

    std::vector<Topic> topics;
    bool validate_only = false;
    Timestamp now = no_timestamp;
};

struct DeleteTopics {
    struct Topic {
        std::optional<std::string> name;  // absent: by id
        Uuid id;
    };
    struct Deleted {
        std::optional<std::string> name;  // filled in when it was found by id
        Uuid id;                          // filled in when it was found by name
        Refusal refusal;
    };
    using Answer = std::vector<Deleted>;  // in the order of `topics`, a topic asked twice once

    std::vector<Topic> topics;
};

struct CreatePartitions {
    struct Topic {
        std::string name;
        std::int32_t count = 0;  // the new total
        // Replicas of each new partition; absent: the cluster chooses.
        std::optional<std::vector<std::vector<BrokerId>>> assignments{};
    };
    struct Extended {
        std::string name;
        Refusal refusal;
    };
    using Answer = std::vector<Extended>;  // in the order of `topics`, a name asked twice once

    std::vector<Topic> topics;
    bool validate_only = false;
};

struct ChangeConfigs {
    enum class Operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };
    struct Edit {
        std::string name;
        Operation operation = Operation::set;
        std::optional<std::string> value;
    };
    struct Resource {
        ConfigResource resource;
        bool replaces_all = false;  // what is not edited goes back to its default (AlterConfigs)
        std::vector<Edit> edits;
    };
    using Answer = std::vector<Refusal>;  // in the order of `resources`

    std::vector<Resource> resources;
    bool validate_only = false;
};

struct AllocateProducerIds {
    struct Answer {
        ProducerId first;
        std::int32_t count = 0;
    };
};

// Topics found in a log dir. Adopting one that is known already, with the same id, adds partitions
// that the metadata lacks.
struct AdoptTopics {
    struct Topic {
        std::string name;
        Uuid id;
        std::vector<PartitionIndex> partitions;  // those that have a folder; holes are filled
    };
    using Answer = std::vector<Refusal>;  // inconsistent_topic_id: the name belongs to another topic

    std::vector<Topic> topics;
};

struct RegisterBroker {
    struct Answer {};
    BrokerRegistration broker;
    // Features that the cluster takes on with its first broker; later ones leave them as they are.
    std::vector<FeatureSet> features;
};

struct SetClusterId {
    struct Answer {
        std::string cluster_id;
    };
    std::string cluster_id;
};

// What the configuration side knows about settings; the controller asks before it stores any.
class ConfigRules {
public:
    virtual ~ConfigRules() = default;
    // Whether `resource` may have exactly `values` set, coming from `before`.
    virtual Refusal check(const ConfigResource& resource, const ConfigMap& before,
                          const ConfigMap& values) const = 0;
    // Whether the setting takes a list, so that values can be appended and subtracted.
    virtual bool is_list(ConfigResourceType type, std::string_view name) const = 0;
    // The value that applies when nothing is set for the resource; nullopt: none, or unknown name.
    virtual std::optional<std::string> default_value(ConfigResourceType type,
                                                     std::string_view name) const = 0;
};

struct ControllerSettings {
    std::int32_t num_partitions = 1;               // num.partitions
    std::int16_t default_replication_factor = 1;   // default.replication.factor
    bool delete_topic_enable = true;               // delete.topic.enable
};

template <class Answer>
struct Decision {
    std::vector<Change> changes;
    Answer answer;
};

class Controller {
public:
    // `rules` must outlive the controller. `new_topic_id` gives a random id at each call.
    Controller(ControllerSettings settings, const ConfigRules& rules,
               std::function<Uuid()> new_topic_id);

    Decision<CreateTopics::Answer> decide(const ClusterImage& image, const CreateTopics& event);
    Decision<DeleteTopics::Answer> decide(const ClusterImage& image, const DeleteTopics& event);
    Decision<CreatePartitions::Answer> decide(const ClusterImage& image, const CreatePartitions& event);
    Decision<ChangeConfigs::Answer> decide(const ClusterImage& image, const ChangeConfigs& event);
    Decision<AllocateProducerIds::Answer> decide(const ClusterImage& image,
                                                 const AllocateProducerIds& event);
    Decision<AdoptTopics::Answer> decide(const ClusterImage& image, const AdoptTopics& event);
    Decision<RegisterBroker::Answer> decide(const ClusterImage& image, const RegisterBroker& event);
    Decision<SetClusterId::Answer> decide(const ClusterImage& image, const SetClusterId& event);

private:
    ControllerSettings settings_;
    const ConfigRules* rules_;
    std::function<Uuid()> new_topic_id_;
};

}  // namespace mamba::broker
