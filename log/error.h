// What disk and data can do to the log: an error as a value, with a sentence for people.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/error_code.h"

namespace mamba::log {

enum class ErrorKind : std::uint8_t {
    io,             // the operating system refused; os_error says why
    disk_full,      // ENOSPC or EDQUOT
    corrupt,        // bytes on disk that no writer of ours can have left
    not_found,      // the file, folder or offset is not there
    out_of_range,   // an offset outside [log start, log end)
    would_block,    // it was asked for without waiting, and the disk has to be waited for
    offline,        // the log dir has failed before; nothing is tried any more
    invalid_batch,  // a batch that a client sent breaks a rule; `code` says which
};

struct Error {
    ErrorKind kind = ErrorKind::io;
    ErrorCode code = ErrorCode::kafka_storage_error;  // what a client is told
    int os_error = 0;                                 // errno, 0 when it was not the system
    std::string message;                              // what happened to which file, for people
};

inline Error would_block() {
    return {.kind = ErrorKind::would_block, .message = "the disk has to be asked"};
}

}  // namespace mamba::log
