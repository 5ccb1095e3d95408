// The jobs with librdkafka: producers and consumers by its C++ interface, administration by that in C.

#include <exception>
#include <iostream>
#include <map>
#include <string>

#include "jobs.h"

namespace {

const std::map<std::string, void (*)()> all = {
    {"produce-codecs", jobs::produce_codecs},
    {"group-of-three", jobs::group_of_three},
    {"static-members", jobs::static_members},
    {"commit-resume", jobs::commit_resume},
    {"seek-by-time", jobs::seek_by_time},
    {"idempotent-restart", jobs::idempotent_restart},
    {"pattern-subscription", jobs::pattern_subscription},
    {"topic-admin", jobs::topic_admin},
    {"group-admin", jobs::group_admin},
    {"delete-records", jobs::delete_records},
    {"large-records", jobs::large_records},
    {"thousand-partitions", jobs::thousand_partitions},
};

}  // namespace

int main(int argc, char** argv) {
    const auto job = all.find(argc == 2 ? argv[1] : "");
    if (job == all.end()) {
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
