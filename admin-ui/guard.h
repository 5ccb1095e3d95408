// What every request has to pass before a handler sees it, as a plain function: the host that it was
// sent to (DNS rebinding), where it comes from (cross-site requests), its type, and read-only mode.
//
//     421  the Host is none of this console's names
//     403  a change by a browser without the session's token, from another site, or while read-only
//     415  a change whose body is not JSON
//
// A browser is told by Origin, Sec-Fetch-Site or the session's cookie. Scripts send none of these and
// need no token: without authentication they can do no more than any client of the broker's port.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "admin-ui/json.h"
#include "admin-ui/router.h"
#include "admin-ui/sessions.h"

namespace mamba::admin {

struct GuardRules {
    std::span<const std::string> allowed_hosts;  // besides localhost and the loopback addresses
    bool read_only = false;
};

std::optional<ApiError> check_host(const Request& request, const GuardRules& rules);
// `route` has been found; `session` is what the request's cookie stands for.
std::optional<ApiError> check_change(const Request& request, const Route& route,
                                     const std::optional<Session>& session, const GuardRules& rules);

}  // namespace mamba::admin
