#!/bin/sh
# NMF finds parts: makes the Swimmer images, factorises them on two ranks, and shows the parts that were found
# beside the true ones. Called by `make demo`; needs build/release/partwise and a Python with numpy, scipy and h5py.
set -eu
cd "$(dirname "$0")/.."

PARTWISE=${PARTWISE:-build/release/partwise}
PYTHON=${PYTHON:-build/venv/bin/python3}
MPIRUN=${MPIRUN:-mpirun}
RANKS=2
folder=build/demo

# More ranks than cores, and root in a container, are fine for a demonstration (Open MPI 4 and 5).
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# Settings of the user's own runs are not for this one.
for name in $(env | sed -n 's/^\(PARTWISE_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done

say_and_run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

mkdir -p "$folder"
# shellcheck disable=SC2086  # MPIRUN may carry options
say_and_run $MPIRUN -n $RANKS "$PARTWISE" generate swimmer -o "$folder/swimmer.h5"
# shellcheck disable=SC2086
say_and_run $MPIRUN -n $RANKS "$PARTWISE" fit "$folder/swimmer.h5" -k 16 -o "$folder/model.h5"
say_and_run "$PYTHON" scripts/show_parts.py "$folder/model.h5" "$folder/swimmer.h5" --png "$folder/parts.png"
