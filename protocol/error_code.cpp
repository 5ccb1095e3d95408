#include "protocol/error_code.h"

namespace mamba {

std::string_view name_of(ErrorCode code) {
    switch (code) {
#define MAMBA_NAME(enumerator, number, name, retriable) \
    case ErrorCode::enumerator:                         \
        return name;
        MAMBA_ERROR_CODES(MAMBA_NAME)
#undef MAMBA_NAME
    }
    return "UNKNOWN_ERROR_CODE";
}

bool is_retriable(ErrorCode code) {
    switch (code) {
#define MAMBA_RETRIABLE(enumerator, number, name, retriable) \
    case ErrorCode::enumerator:                              \
        return retriable;
        MAMBA_ERROR_CODES(MAMBA_RETRIABLE)
#undef MAMBA_RETRIABLE
    }
    return false;
}

}  // namespace mamba
