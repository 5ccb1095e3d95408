// A segment's folder on a fake storage, for the tests of the two indexes.
#pragma once

#include <string>

#include "fake_storage.h"
#include "log/segment_files.h"

namespace mamba::log {

struct IndexPlace {
    IndexPlace() { storage.put("/d/unused", {}); }
    SegmentFiles files() { return {storage, directory, Offset(1000)}; }
    Bytes content(std::string_view suffix) { return *storage.content(files().path(suffix)); }

    FakeStorage storage;
    std::string directory = "/d";
};

}  // namespace mamba::log
