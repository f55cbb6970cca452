# SPDX-License-Identifier: GPL-2.0-or-later
"""The settings that exist once for the machine, not once for a namespace.

They are changed for as long as a run lasts. The first of several runs notes in the
lock file what stood there; the last one, who alone can take the lock exclusively,
restores it.
"""

import contextlib
import fcntl
import json

LOCK = "/run/lock/pkttables-oracle.lock"

SETTINGS = {
    # LOG in a namespace prints nothing otherwise.
    "/proc/sys/net/netfilter/nf_log_all_netns": "1",
    # "No route" is answered five times a peer, then once a second; replay answers always.
    "/proc/sys/net/ipv4/route/error_cost": "0",
}


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def write_all(settings):
    for path, value in settings.items():
        with open(path, "w", encoding="ascii") as file:
            file.write(value)


@contextlib.contextmanager
def prepared():
    """Sets the machine up; puts it back after the last user."""
    with open(LOCK, "a+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        lock.seek(0)
        if not lock.read():
            json.dump({path: read(path) for path in SETTINGS}, lock)
            lock.flush()
        write_all(SETTINGS)
        try:
            yield
        finally:
            restore(lock)


def restore(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    lock.seek(0)
    write_all(json.load(lock))
    lock.truncate(0)
