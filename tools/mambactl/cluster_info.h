// mambactl cluster ...
#pragma once

#include "tools/mambactl/session.h"

namespace mamba::ctl {

Outcome describe_cluster(Session& session);
Outcome list_brokers(Session& session);
Outcome list_log_dirs(Session& session);

}  // namespace mamba::ctl
