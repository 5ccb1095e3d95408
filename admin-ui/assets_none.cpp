// Stands in for the front end where the build has no Node.
#include "admin-ui/assets.h"

namespace mamba::admin {

std::span<const Asset> assets() { return {}; }

}  // namespace mamba::admin
