// The twelve jobs.
#pragma once

namespace jobs {

// Throw what went wrong, in a sentence; ../README.md says what each proves.
void produce_codecs();
void group_of_three();
void static_members();
void commit_resume();
void seek_by_time();
void idempotent_restart();
void pattern_subscription();
void topic_admin();
void group_admin();
void delete_records();
void large_records();
void thousand_partitions();

}  // namespace jobs
