#include "protocol/print.h"

#include <algorithm>

namespace mamba::protocol {

void Printer::text(std::string_view part) {
    if (full_) return;
    if (part.size() <= bytes_max_ - out_.size()) {
        out_ += part;
        return;
    }
    full_ = true;
    constexpr std::string_view cut = "...";
    out_.resize(std::min(out_.size(), bytes_max_ - std::min(bytes_max_, cut.size())));
    out_ += cut.substr(0, bytes_max_ - out_.size());
}

void Printer::quoted(std::string_view part) {
    text("\"");
    for (const char c : part) {
        if (full_) return;
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            const char escaped[] = {'\\', c};
            text({escaped, 2});
        } else if (code < 0x20 || code >= 0x7f) {  // also what is not ASCII: a terminal may obey it
            constexpr std::string_view digits = "0123456789abcdef";
            const char escaped[] = {'\\', 'x', digits[code >> 4], digits[code & 15]};
            text({escaped, 4});
        } else {
            text({&c, 1});
        }
    }
    text("\"");
}

}  // namespace mamba::protocol
