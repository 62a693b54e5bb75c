#!/usr/bin/env bash
# partwise beside scikit-learn, scipy and the R packages RcppML and NMF, on the same matrices from the same start, in turns, one core
# each. Peers that are not there are named and left out. Options are those of scripts/bench_peers.py: --small, --only WORD, --rounds N.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-build/venv/bin/python3}
[ -x "$python" ] || python=python3
# What OpenBLAS does not know it runs on its oldest kernel: the best one for all, unless the user has chosen.
if [ -z "${OPENBLAS_CORETYPE:-}" ]; then
    if grep -qw avx512f /proc/cpuinfo 2>/dev/null; then
        export OPENBLAS_CORETYPE=SkylakeX
    elif grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
        export OPENBLAS_CORETYPE=Haswell
    fi
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none
pin=()
if command -v taskset >/dev/null && [ "$(nproc)" -gt 1 ]; then
    pin=(taskset -c "${CORE:-$(nproc --all | awk '{ print $1 - 1 }')}")
fi
exec "${pin[@]}" "$python" scripts/bench_peers.py "$@"
