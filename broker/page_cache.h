// Whether a slice of a file can be sent without waiting for the disk, and how to see to it.
#pragma once

#include <string>

#include "log/log_position.h"

namespace mamba::broker {

// Looks at the first, the last and some pages in between; does not wait. True when in doubt.
bool is_in_page_cache(const log::FileSlice& slice);

// Whether is_in_page_cache() can tell for files that lie where `file` lies: not every file system can be
// asked without waiting. False when the file cannot be opened.
bool tells_page_cache(const std::string& file);

// Reads the slice into the page cache. Blocks.
void read_into_page_cache(const log::FileSlice& slice);

}  // namespace mamba::broker
