"""What run_tests.py and the Python tests share: on how many ranks tests run, and settings under which mpirun starts more ranks than
there are cores, as root too, and BLAS stays on one thread."""


def rank_counts(sanitized):
    """The sanitizer build, whose starts cost most, leaves out 3 and 4: what it is there for (an access beyond a block, undefined
    arithmetic, a leak) depends on whether there are other ranks, and uneven or empty blocks, which 2 and 7 have. Whether results
    are the same on all numbers of ranks is the release build's to find."""
    return (1, 2, 7) if sanitized else (1, 2, 3, 4, 7)


ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_odls_base_sigkill_timeout": "0",  # mpirun does not linger after a non-zero exit code
    "OMPI_MCA_pml": "ob1",  # the others' libraries are not even loaded: one of them takes 0.2 s to time the processor
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
    "HWLOC_HIDE_ERRORS": "2",  # a container without /sys is no concern of ours
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
