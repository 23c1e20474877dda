"""What a supervised cluster is told by its supervisor, in its environment."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path

WORKER = "AIDBEACON_WORKER"  # its name
FOLDER = "AIDBEACON_WORKER_FOLDER"  # where the two sides leave each other word

STOP, ALIVE = "stop", "alive"


def asked_to_stop() -> bool:
    """True once this cluster's supervisor wants to end: what runs ends after its batch."""
    folder = os.environ.get(FOLDER)
    return bool(folder) and Path(folder or "", STOP).exists()


def end_if_orphaned() -> None:
    """Kills this cluster if its supervisor is gone: nobody would look after it, and whoever
    restarts the supervisor gets a new cluster.

    The supervisor holds a lock for as long as it lives; nothing else can take that away.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    try:
        with Path(folder, ALIVE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    except OSError:
        pass  # the folder is gone: it ended in good order, and we were forgotten
    os.killpg(os.getpgrp(), signal.SIGKILL)
