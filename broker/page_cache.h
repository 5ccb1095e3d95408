// Whether a slice of a file can be sent without waiting for the disk, and how to see to it.
#pragma once

#include "log/log_position.h"

namespace mamba::broker {

// Looks at the first, the last and some pages in between; does not wait. True when in doubt.
bool is_in_page_cache(const log::FileSlice& slice);

// Reads the slice into the page cache. Blocks.
void read_into_page_cache(const log::FileSlice& slice);

}  // namespace mamba::broker
