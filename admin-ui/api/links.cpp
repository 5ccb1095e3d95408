#include "admin-ui/api/links.h"

namespace mamba::admin {

std::string encode_segment(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "-_.!~*'()";
    std::string encoded;
    for (const char c : text) {
        const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_alphanumeric || plain.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += '%';
            encoded += digits[byte >> 4];
            encoded += digits[byte & 15];
        }
    }
    return encoded;
}

std::string topic_link(std::string_view topic) {
    return "/topics/" + encode_segment(topic);
}

std::string group_link(std::string_view group, std::string_view tab) {
    const bool needs_query = group.empty() || group == "." || group == "..";
    if (needs_query) return "/groups/-" + std::string(tab) + "?id=" + encode_segment(group);
    return "/groups/" + encode_segment(group) + std::string(tab);
}

}  // namespace mamba::admin
