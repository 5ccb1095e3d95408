// Starts a broker and stops it again.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"

namespace mamba::broker {

struct StartOptions {
    std::map<std::string, std::string, std::less<>> settings;  // as read_settings() gave them
    Machine machine;
};

// Everything but the network: opens the log dirs and the metadata, recovers the logs, loads the
// groups. The error is a sentence for people.
std::expected<std::unique_ptr<Broker>, std::string> start_broker(const StartOptions& options);

// Where its metadata lies.
std::filesystem::path metadata_file(const Partitions& partitions);

// Tells the metadata where clients reach this broker; the listeners are bound by now.
std::expected<void, std::string> register_broker(Broker& broker, const std::vector<Listener>& advertised);

// Starts what runs by itself in the background.
void start_background(Broker& broker);
// The first step of a clean stop, while the network is up: members of groups that wait for others are told
// that the coordinator goes.
void begin_stop(Broker& broker);
// A clean stop, the network being down already.
void stop_broker(Broker& broker);

}  // namespace mamba::broker
