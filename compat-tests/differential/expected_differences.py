"""The differences from Kafka 4.3 that are accepted, each with its reason.

A difference that stands here is no failure; an entry that a full run does not need is one.
"""

import dataclasses
import re

from compare import MISSING
from wire import APIS

ANY = object()


@dataclasses.dataclass(frozen=True)
class Expected:
    scenario: str  # a name such as "fetch.unknown_topic"; * stands for anything
    path: str      # the step and the field, such as "Fetch v*: responses[*].error_code"
    reason: str
    kafka: object = ANY
    ours: object = ANY

    def covers(self, scenario, path, kafka, ours):
        return (_matches(self.scenario, scenario) and _matches(self.path, path)
                and self.kafka in (ANY, kafka) and self.ours in (ANY, ours))


def _matches(pattern, text):
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text, re.DOTALL) is not None


# Kafka's APIs that are not served yet, as the README tells; an entry goes when its API comes.
NOT_SERVED = {
    "transactions": "AddPartitionsToTxn AddOffsetsToTxn EndTxn WriteTxnMarkers TxnOffsetCommit DescribeTransactions "
                    "ListTransactions",
    "SASL": "SaslHandshake SaslAuthenticate CreateDelegationToken RenewDelegationToken ExpireDelegationToken "
            "DescribeDelegationToken DescribeUserScramCredentials AlterUserScramCredentials",
    "ACLs": "DescribeAcls CreateAcls DeleteAcls",
    "quotas": "DescribeClientQuotas AlterClientQuotas",
    "several nodes": "AlterReplicaLogDirs AlterPartitionReassignments DescribeQuorum UpdateFeatures "
                     "UnregisterBroker AddRaftVoter RemoveRaftVoter",
    "the consumer protocol of KIP-848": "ConsumerGroupHeartbeat ConsumerGroupDescribe",
    "streams groups": "StreamsGroupHeartbeat StreamsGroupDescribe",
    "share groups": "ShareGroupHeartbeat ShareGroupDescribe ShareFetch ShareAcknowledge InitializeShareGroupState "
                    "ReadShareGroupState WriteShareGroupState DeleteShareGroupState ReadShareGroupStateSummary "
                    "DescribeShareGroupOffsets AlterShareGroupOffsets DeleteShareGroupOffsets",
}

CLUSTER_MIN_ISR = "Kafka sets it for all brokers when eligible leader replicas (KIP-966) are on"
NOT_YET = "share groups are not served yet"
FALLS_OVER = "Kafka meets an exception it does not expect (UNKNOWN_SERVER_ERROR); ours names the fault"
SAYS_WHY = "Kafka gives a reason only with errors of single records; ours says why of every refusal"
BELIEVES_HEADER = ("ours believes what a compressed batch's header says of its records, and does not decompress it to "
                   "look (log/batch_validator.h); a producer that lies there harms the readers of its own records")
COUNTS_OFFSETS = "ours refuses records whose offsets do not run 0, 1, 2 ...; Kafka stores them, and readers stumble"
NO_DELETED_OFFSET = "Kafka names the offset of a record that was deleted; ours only what can be read"
NAMED_TWICE = "no client names a partition twice in a request; Kafka keeps one of them, ours serves both"
NO_FOLLOWERS = "only followers say up to which leader epoch they have fetched, and one broker has none"
REMEMBERS_NAME = "Kafka's session remembers the deleted topic's name; both codes make a client ask for metadata"

EXPECTED = [
    Expected("produce.*", "Produce v*.error_message", SAYS_WHY, kafka=None, ours="<text>"),
    Expected("produce.*", "Produce v*.error_code", FALLS_OVER, kafka=-1, ours=87),
    Expected("produce.codecs_that_do_not_exist", "Produce v*.log_start_offset", FALLS_OVER, kafka=-1, ours=0),
    Expected("produce.compressed_records_that_are_not_what_the_header_says", "*", BELIEVES_HEADER),
    Expected("produce.offset_deltas_that_lie", "*", COUNTS_OFFSETS),
    Expected("produce.the_same_partition_twice", "*", NAMED_TWICE),
    Expected("fetch.the_same_partition_twice", "*", NAMED_TWICE),
    Expected("fetch.negative_limits", "*", FALLS_OVER),
    Expected("fetch.last_fetched_epochs_of_the_future", "*", NO_FOLLOWERS),
    Expected("fetch_sessions.a_topic_of_a_session_is_deleted", "Fetch v*.error_code", REMEMBERS_NAME,
             kafka=3, ours=100),
    Expected("list_offsets.the_same_partition_twice", "*", NAMED_TWICE),
    Expected("list_offsets.largest_timestamp_of_a_deleted_record", "*", NO_DELETED_OFFSET),
    Expected("list_offsets.isolation_levels_that_do_not_exist", "*", FALLS_OVER),
    Expected("delete_records.the_same_partition_twice", "*", NAMED_TWICE),
    Expected("metadata.neither_name_nor_id", "Metadata v*", FALLS_OVER),
    Expected("join_group.the_first_of_two_steps_with_an_instance_id_in_the_second", "JoinGroup v*: error_code",
             FALLS_OVER, kafka=-1, ours=25),
    Expected("join_group.the_first_of_two_steps_with_an_instance_id_in_the_second", "JoinGroup v*: member_id",
             FALLS_OVER, kafka=""),
    Expected("find_coordinator.of_share_partitions_whose_key_is_malformed", "*error_code", NOT_YET, kafka=42, ours=35),
] + [
    Expected("api_versions.*", f"ApiVersions v*: api_keys[{APIS[api].key}]", f"{what}: not served yet", ours=MISSING)
    for what, apis in NOT_SERVED.items() for api in apis.split()
] + [
    Expected("api_versions.*", f"ApiVersions v*: {features}[*]", "features stand for what is not served yet",
             ours=MISSING)
    for features in ("supported_features", "finalized_features")
] + [
    Expected("*", "*configs[console.*]", "settings of the console, which Kafka has not", kafka=MISSING),
    Expected("*", "*configs[*flush.on.acks.all]", "a setting of ours: acks=all waits for the disk", kafka=MISSING),
    Expected("*", "*configs[min.insync.replicas].config_source", CLUSTER_MIN_ISR, kafka=3, ours=5),
    Expected("*", "*configs[min.insync.replicas].synonyms[0].source", CLUSTER_MIN_ISR, kafka=3, ours=5),
    Expected("*", "*configs[min.insync.replicas].synonyms[1]", CLUSTER_MIN_ISR, ours=MISSING),
    Expected("*", "DescribeConfigs v*: results[4 ].configs[min.insync.replicas]", CLUSTER_MIN_ISR, ours=MISSING),
] + [
    Expected("describe_configs.*", f"DescribeConfigs v*: results[4 1].configs[{key}].*", reason)
    for reason, keys in {
        "only the oracle is told who controls the cluster":
            "advertised.listeners controller.listener.names controller.quorum.voters listeners process.roles",
        "different_defaults() in broker/config/config_keys.cpp tells why":
            "log.dir node.id num.network.threads",
    }.items() for key in keys.split()
]
