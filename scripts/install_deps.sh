#!/usr/bin/env bash
# Installs what partwise needs to build, run its tests and its demonstration: by apt-get on Debian and
# Ubuntu (with sudo where not root). Elsewhere, or without rights, it says what to install or load, and
# fails, unless all is there already. Then makes the Python environment of the project's scripts.
#   usage: scripts/install_deps.sh [BUILD_FOLDER]
# Touches BUILD_FOLDER/deps.mk when something has changed. A second run changes nothing.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
log=$build/install.log

LIBRARIES=(gcc libc6-dev make git pkg-config openmpi-bin libopenmpi-dev libhdf5-openmpi-dev hdf5-tools
    libopenblas-dev libscalapack-openmpi-dev libinih-dev librandom123-dev libcmocka-dev zlib1g-dev)
PYTHON_PACKAGES=(python3 python3-venv python3-numpy python3-scipy python3-h5py python3-matplotlib python3-pytest)
# Tests that need these are skipped without them.
OPTIONAL=(clang-format-14 python3-sklearn python3-anndata)
MODULES=(numpy scipy h5py matplotlib pytest)

fail() {
    echo "install_deps: $*" >&2
    exit 1
}

# Those of the given packages that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
    done
}

# Those of the given packages that apt knows where to get.
available_packages() {
    local package
    for package in "$@"; do
        ! apt-cache policy "$package" | grep -q '^  Candidate: [^(]' || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

can_be_root_silently() {
    [ "$(id -u)" -eq 0 ] || { command -v sudo && sudo -n true; } >/dev/null 2>&1
}

# sudo asks for a password only where somebody can type one.
can_be_root() {
    can_be_root_silently || { command -v sudo >/dev/null && [ -t 0 ] && sudo -v; }
}

apt_says() {
    grep -m 1 '^E:' "$log" || grep -m 1 '^W:' "$log" || true
}

apt_update() {
    local unknown
    echo "fetching the lists of packages"
    as_root apt-get update -q -o Acquire::Retries=1 -o DPkg::Lock::Timeout=300 >"$log" 2>&1 || true
    unknown=$(comm -23 <(printf '%s\n' "$@" | sort) <(available_packages "$@" | sort) | tr '\n' ' ')
    [ -z "$unknown" ] || fail "apt cannot get $unknown: is there a network? $(apt_says) (see $log)"
}

apt_install() {
    echo "installing $# packages and what they need: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o Acquire::Retries=1 -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 || return 1
    touch "$build/deps.mk"
}

install_by_apt() {
    local required optional
    mapfile -t required < <(missing_packages "${LIBRARIES[@]}" "${PYTHON_PACKAGES[@]}")
    if [ ${#required[@]} -gt 0 ]; then
        apt_update "${required[@]}"
        apt_install "${required[@]}" || fail "apt-get did not install them, is there a network? $(apt_says) (see $log)"
    fi
    can_be_root_silently || return 0
    mapfile -t optional < <(missing_packages "${OPTIONAL[@]}")
    mapfile -t optional < <(available_packages "${optional[@]}")
    [ ${#optional[@]} -eq 0 ] || apt_install "${optional[@]}" ||
        echo "not installed, so some tests will be skipped: ${optional[*]}"
}

# What probing does not find, one a line, whatever it came from.
missing_by_probing() {
    local module
    make -s --no-print-directory probe 2>/dev/null
    for module in "${MODULES[@]}"; do
        "${PYTHON:-python3}" -c "import $module" 2>/dev/null || echo "Python 3 with $module"
    done
}

advise() {
    cat >&2 <<END
  Debian, Ubuntu  apt-get install ${LIBRARIES[*]}
                  ${PYTHON_PACKAGES[*]}
  Fedora, EPEL    dnf install gcc make git pkgconf openmpi-devel hdf5-openmpi-devel hdf5 openblas-devel
                  scalapack-openmpi-devel inih-devel Random123-devel libcmocka-devel zlib-devel
                  python3-numpy python3-scipy python3-h5py python3-matplotlib python3-pytest
                  and then: module load mpi/openmpi-x86_64
  Spack           spack install gcc openmpi hdf5+mpi openblas netlib-scalapack inih random123 cmocka
                  zlib py-numpy py-scipy py-h5py py-matplotlib py-pytest, and spack load the same
  Clusters        module load gcc openmpi hdf5 openblas scalapack python (module avail shows their names there);
                  inih, Random123 and cmocka are small: unpack them into a folder of yours and set CPATH
                  and LIBRARY_PATH; Python's packages by pip install --user
  Then run the same command again. make help shows the variables that say where a library is.
END
}

check_by_probing() {
    local missing
    missing=$(missing_by_probing)
    [ -n "$missing" ] || return 0
    {
        echo "install_deps: $1 Not found:"
        printf '%s\n' "$missing" | sed 's/^/  /'
        echo "What to install or load, by system:"
    } >&2
    advise
    exit 1
}

make_python() {
    local python=${PYTHON:-/usr/bin/python3}
    ! "$build/venv/bin/python3" -c 'import h5py, pytest' 2>/dev/null || return 0
    command -v "$python" >/dev/null || python=python3
    "$python" -m venv --system-site-packages --without-pip --clear "$build/venv" ||
        fail "$python cannot make an environment in $build/venv."
    touch "$build/deps.mk"
}

mkdir -p "$build"
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    check_by_probing "this system has no apt-get, so install by hand what is missing."
elif [ -n "$(missing_packages "${LIBRARIES[@]}" "${PYTHON_PACKAGES[@]}")" ] && ! can_be_root; then
    check_by_probing "not root, and sudo is no help, so install by hand what is missing."
else
    install_by_apt
fi
make_python
[ -e "$build/deps.mk" ] || touch "$build/deps.mk"
