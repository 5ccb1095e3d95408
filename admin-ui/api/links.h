// Addresses of the console's pages, as the API names them in its answers.
#pragma once

#include <string>
#include <string_view>

namespace mamba::admin {

// As encodeURIComponent does it.
std::string encode_segment(std::string_view text);

std::string topic_link(std::string_view topic);
// Browsers would take "." and ".." for folders, and drop what is empty: those go by a query.
std::string group_link(std::string_view group, std::string_view tab = {});  // "/config"

}  // namespace mamba::admin
