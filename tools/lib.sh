# What tools/start, tools/test and tools/compat share: installing what is missing, and building.
# Sourced, not run. Expects `project` to be the project's folder.

# GoogleTest is among them since the build is configured with its tests; Node builds the console's
# pages; kcat is for a first record.
build_packages=(
  clang-19 lld-19 llvm-19 cmake ninja-build ccache pkg-config python3
  libboost1.81-dev libboost-json1.81-dev libspdlog-dev libfmt-dev libzstd-dev liblz4-dev libsnappy-dev
  zlib1g-dev libisal-dev libssl-dev libsqlite3-dev libcli11-dev libre2-dev librdkafka-dev libgtest-dev libgmock-dev kcat
  nodejs npm
)
test_packages=(
  libclang-rt-19-dev strace zstd default-jdk-headless maven chromium
)
# What the client programs of compat-tests/clients are built and run with. Debian 12's package cargo is too old for
# them; cargo-web is kept up to date there for browsers.
client_packages=(
  golang cargo-web python3-venv python3-dev make g++
)

say() { printf '%s\n' "$*" >&2; }

# install_packages NAME...: those of Debian's packages that are not there yet.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  # What is on PATH from elsewhere does as well.
  local wanted=()
  for package in "${missing[@]}"; do
    case "$package" in
      default-jdk-headless) command -v javac >/dev/null && continue ;;
      maven) command -v mvn >/dev/null && continue ;;
      golang) command -v go >/dev/null && continue ;;
      cargo-web) command -v cargo >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
      nodejs) command -v node >/dev/null && continue ;;
    esac
    wanted+=("$package")
  done
  [ ${#wanted[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      say "These packages are missing and can be installed only by root: ${wanted[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  say "Installing ${wanted[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
    "${wanted[@]}" >/dev/null
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --preset "$preset" -S "$project" >/dev/null
  cmake --build "$project/build/$preset" ${1:+--target "$@"}
}
