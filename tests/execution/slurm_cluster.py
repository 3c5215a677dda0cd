"""A Slurm cluster of this one machine, all its files in a temporary folder, started and ended with a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")
START_S = 60.0


def missing() -> str:
    """Return why no cluster can be started here; '' if one can."""
    absent = [tool for tool in TOOLS if shutil.which(tool, path=search_path()) is None]
    if absent:
        return f"Slurm is not installed ({', '.join(absent)} not found): apt-get install slurmctld slurmd munge"
    if os.geteuid() != 0:
        return "starting slurmd needs root"
    return ""


def search_path() -> str:
    """Return the path with the folders of daemons."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def settings(folder: Path, cores: int) -> str:
    """Return slurm.conf: one node, processes followed by their group, no database, no control groups."""
    host = socket.gethostname().split(".")[0]
    controller, node = free_ports(2)
    return f"""
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmdParameters=config_overrides
MinJobAge=300
SchedulerParameters=sched_interval=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@contextmanager
def cluster(folder: Path, cores: int = 2) -> Iterator[dict[str, str]]:
    """Start a cluster whose files are in ``folder``; give the environment its commands need; end it afterwards.

    Raises RuntimeError, with its logs, if it does not come up.
    """
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(mode=0o700)
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    (folder / "slurm.conf").write_text(settings(folder, cores), encoding="utf-8")
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": search_path()}
    own = folder / "munge"
    daemons: list[subprocess.Popen[bytes]] = []

    def begin(*words: str) -> None:
        with (folder / f"{Path(words[0]).name}.out").open("wb") as out:
            daemons.append(subprocess.Popen(words, env=environment, stdout=out, stderr=out, start_new_session=True))

    try:
        begin(
            "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={own}/socket",
            f"--pid-file={own}/pid", f"--log-file={own}/log", f"--seed-file={own}/seed",
        )  # fmt: skip
        wait_for(lambda: (own / "socket").exists(), folder)
        begin("slurmctld", "-D")
        begin("slurmd", "-D")
        states = ["sinfo", "--noheader", "--format=%T"]
        ask = partial(subprocess.run, states, env=environment, capture_output=True, text=True, check=False)
        wait_for(lambda: "idle" in ask().stdout, folder)
        yield environment
    finally:
        subprocess.run(["scancel", "--user=root"], env=environment, check=False, capture_output=True)
        for daemon in reversed(daemons):
            daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                daemon.wait(timeout=10)
            if daemon.poll() is None:
                daemon.kill()


def wait_for(what: object, folder: Path) -> None:
    """Wait until ``what()`` is true; raise RuntimeError with the cluster's logs if it is not in time."""
    last = time.monotonic() + START_S
    while not what():  # type: ignore[operator]
        if time.monotonic() > last:
            logs = [path.read_text(errors="replace")[-2000:] for path in sorted(folder.glob("*.log"))]
            logs += [path.read_text(errors="replace")[-1000:] for path in sorted(folder.glob("*.out"))]
            raise RuntimeError("the cluster did not come up:\n" + "\n".join(logs))
        time.sleep(0.5)
