#!/usr/bin/env bash
# A cluster on one machine, to try job scripts on: a head and some hosts, each a set of Linux namespaces with an address,
# /run, /dev/shm, TMPDIR, processes, sshd, munge and Slurm of its own. All other files are shared, as they are on a cluster.
#   scripts/test_cluster.sh install              the Debian packages it needs
#   scripts/test_cluster.sh up [HOSTS]           head, n1, n2, ... (2 hosts unless told)
#   scripts/test_cluster.sh enter HOST COMMAND   such as: enter head sbatch --nodes=2 scripts/slurm/fit.sbatch V.h5 5 model.h5
#   scripts/test_cluster.sh down                 ends all of it, and leaves nothing behind
# As root. TEST_CLUSTER names the folder of its state (${TMPDIR:-/tmp}/partwise-cluster), PARTWISE the program of the jobs.
set -eu

PACKAGES=(slurmctld slurmd slurm-client munge openssh-server openssh-client iproute2)
PROGRAMS=(slurmctld slurmd sinfo munged sshd ssh-keygen ip unshare nsenter)
NETWORK=10.77.0
PATH=$PATH:/usr/sbin:/sbin
script=$(realpath "$0")
partwise=$(realpath -m "${PARTWISE:-$(dirname "$script")/../build/release/partwise}")
state=$(realpath -m "${TEST_CLUSTER:-${TMPDIR:-/tmp}/partwise-cluster}")

fail() {
    echo "test_cluster: $*" >&2
    exit 1
}

need_root() {
    [ "$(id -u)" -eq 0 ] || fail "only root can make namespaces and install packages."
}

need_programs() {
    local program
    for program in "${PROGRAMS[@]}"; do
        command -v "$program" >/dev/null || fail "$program is missing: run scripts/test_cluster.sh install."
    done
}

# RUNLEVEL: the machine's own sshd, munge and Slurm are not started.
install_packages() {
    need_root
    command -v apt-get >/dev/null || fail "this system has no apt-get; Debian calls the packages ${PACKAGES[*]}."
    apt-get update -q
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${PACKAGES[@]}"
}

# ---- Files of the cluster, below $state

# Numbers of hosts from 1, and of the head, which is 254.
numbers() {
    seq "$1"
    echo 254
}

name_of() {
    if [ "$1" -eq 254 ]; then echo head; else echo "n$1"; fi
}

write_hosts() {
    local i
    echo "127.0.0.1 localhost"
    for i in $(numbers "$1"); do
        echo "$NETWORK.$i $(name_of "$i")"
    done
}

write_ssh() {
    ssh-keygen -q -t ed25519 -N '' -f "$state/key"
    cat >"$state/sshd_config" <<END
HostKey $state/key
AuthorizedKeysFile $state/key.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
MaxStartups 100
SetEnv TMPDIR=$state/tmp PATH=$(dirname "$partwise"):$PATH
END
    cat >"$state/ssh_config" <<END
IdentityFile $state/key
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
END
}

write_slurm() {
    head -c 128 /dev/urandom >"$state/munge.key"
    chmod 600 "$state/munge.key"
    echo "CgroupPlugin=cgroup/v1" >"$state/cgroup.conf"
    cat >"$state/slurm.conf" <<END
ClusterName=test
SlurmctldHost=head
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
TmpFS=$state/tmp
StateSaveLocation=$state/jobs
SlurmdSpoolDir=$state/%n
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
ReturnToService=2
KillWait=5
OverTimeLimit=0
InactiveLimit=0
SlurmctldTimeout=30
SlurmdTimeout=30
MinJobAge=300
NodeName=n[1-$1] CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=2000
PartitionName=main Nodes=n[1-$1] Default=YES MaxTime=INFINITE State=UP
END
}

# What programs on the hosts need to know: root may run them, and messages take the cluster's network.
write_settings() {
    cat >"$state/settings" <<END
export SLURM_CONF='$state/slurm.conf' TMPDIR='$state/tmp' OPENBLAS_NUM_THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=tcp,vader,self OMPI_MCA_btl_vader_single_copy_mechanism=none
export OMPI_MCA_btl_tcp_if_include=$NETWORK.0/24 OMPI_MCA_oob_tcp_if_include=$NETWORK.0/24
export OMPI_MCA_plm_rsh_agent='ssh -F $state/ssh_config' OMPI_MCA_hwloc_base_binding_policy=none
END
}

# ---- Hosts

# The first process of a host; when it ends, all others of the host do.
be_host() {
    local name=$1 pid
    mount --bind "$state/hosts" /etc/hosts
    mount -t tmpfs tmpfs /dev/shm
    mount -t tmpfs tmpfs /run
    mount -t tmpfs tmpfs "$state/tmp"
    mkdir -m 755 /run/sshd /run/munge
    hostname "$name"
    read -r pid _ </proc/self/stat # as the machine counts, until the host has its own /proc
    mount -t proc proc /proc
    echo "$pid" >"$state/$name.new"
    mv "$state/$name.new" "$state/$name.pid"
    sleep infinity &
    wait
}

start_host() {
    local name=$1
    setsid unshare -m -u -i -n -p --fork --kill-child "$script" be_host "$name" </dev/null >"$state/$name.log" 2>&1 &
    wait_for "host $name" test -e "$state/$name.pid"
    enter "$name" ip link set lo up
}

# The head's cables to all hosts, and a switch in the head.
start_network() {
    local i
    enter head ip link add br0 type bridge
    enter head ip addr add "$NETWORK.254/24" dev br0
    enter head ip link set br0 up
    for i in $(seq "$1"); do
        nsenter -t "$(cat "$state/head.pid")" -n \
            ip link add "v$i" type veth peer name eth0 netns "$(cat "$state/n$i.pid")"
        enter head ip link set "v$i" master br0 up
        enter "n$i" ip addr add "$NETWORK.$i/24" dev eth0
        enter "n$i" ip link set eth0 up
    done
}

start_daemons() {
    local name=$1
    enter "$name" /usr/sbin/sshd -f "$state/sshd_config"
    enter "$name" munged --force --key-file="$state/munge.key" --log-file="$state/munged-$name.log" --seed-file=/run/munge/seed
    if [ "$name" = head ]; then enter head slurmctld; else enter "$name" slurmd -N "$name"; fi
}

# ---- What can be asked for

# Waits at most 20 s for a command to succeed.
wait_for() {
    local what=$1 i
    shift
    for ((i = 0; i < 200; i++)); do
        ! "$@" 2>/dev/null || return 0
        sleep 0.1
    done
    fail "$what does not come up within 20 s."
}

all_idle() {
    [ "$(enter head sinfo -h -o '%T %D')" = "idle $1" ]
}

up() {
    local i hosts=${1:-2}
    need_root
    need_programs
    [[ $hosts =~ ^[1-9][0-9]?$ ]] || fail "HOSTS is a number from 1 to 99, not $hosts."
    [ ! -e "$state" ] || fail "$state is there already: run scripts/test_cluster.sh down."
    mkdir -p "$state/tmp" "$state/jobs"
    trap 'echo "test_cluster: not up: see $state/*.log, then run scripts/test_cluster.sh down." >&2' EXIT
    write_hosts "$hosts" >"$state/hosts"
    write_ssh
    write_slurm "$hosts"
    write_settings
    for i in $(numbers "$hosts"); do start_host "$(name_of "$i")"; done
    start_network "$hosts"
    for i in $(numbers "$hosts"); do start_daemons "$(name_of "$i")"; done
    wait_for Slurm all_idle "$hosts"
    trap - EXIT
    echo "up: head and $hosts hosts, state in $state"
}

# In the folder where the caller is.
enter() {
    local name=$1
    shift
    [ -e "$state/$name.pid" ] || fail "there is no host $name in $state."
    (
        # shellcheck source=/dev/null
        . "$state/settings"
        PATH=$(dirname "$partwise"):$PATH
        # shellcheck disable=SC2016  # expands on the host
        exec nsenter -t "$(cat "$state/$name.pid")" -m -u -i -n -p sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
    )
}

# Ends the first process of each host, and the others with it, unless the number belongs to another process by now.
down() {
    local file pid
    need_root
    for file in "$state"/*.pid; do
        [ -e "$file" ] || continue
        pid=$(cat "$file")
        ! grep -qs be_host "/proc/$pid/cmdline" || kill -KILL "$pid"
        while grep -qs be_host "/proc/$pid/cmdline"; do sleep 0.1; done
    done
    [ ! -e "$state/sshd_config" ] || rm -rf "$state"
}

case ${1:-} in
install) install_packages ;;
up) up "${2:-2}" ;;
enter) [ $# -ge 3 ] || fail "enter HOST COMMAND"; shift; enter "$@" ;;
down) down ;;
be_host) be_host "$2" ;;
*) fail "what to do is install, up [HOSTS], enter HOST COMMAND, or down." ;;
esac
