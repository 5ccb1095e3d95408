// How a visitor reached the console when a proxy stands between the two, by what the proxy says of it.
//
//     X-Forwarded-Proto   http or https
//     X-Forwarded-Host    the host that the visitor asked, with its port
//     X-Forwarded-Prefix  the path that the proxy has the console beneath, in place of console.base.path
//
// Anybody can send these, so they are believed of console.trusted.proxies alone; and what is no scheme,
// host or path is passed over: a prefix gets into the page.
#pragma once

#include "admin-ui/http.h"
#include "broker/config/config.h"

namespace mamba::admin {

// Fills in the request's scheme, forwarded host and base path, and takes the base off its path.
void read_forwarded(Request& request, const broker::ConsoleConfig& config);

}  // namespace mamba::admin
