// How changes of the ClusterImage are written as keys and values of the metadata store, and back.
//
//     cluster-id               {"v":1,"id":"..."}
//     brokers/ID               {"v":1,"rack":"r","endpoints":[["PLAINTEXT","PLAINTEXT","host",9092]]}
//     topics/NAME              {"v":1,"id":"...","partitions":[[[replicas],[isr],leader,leader epoch,partition epoch]]}
//     configs/TYPE/NAME        {"v":1,"set":{"retention.ms":"1000"}}
//     producer-ids             {"v":1,"next":1000}
//     features/NAME            {"v":1,"level":1}
//
// A deleted key undoes its change. decode() is total: any bytes give a change or an error.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "broker/metadata/cluster_image.h"
#include "broker/metadata/metadata_store.h"

namespace mamba::broker {

StoreWrite encode(const Change& change);

// Errors: a sentence that names the key and what is wrong with it.
std::expected<Change, std::string> decode(std::string_view key,
                                          const std::optional<std::string>& value);

}  // namespace mamba::broker
