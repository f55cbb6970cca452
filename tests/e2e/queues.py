# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that waits for packets and does what a test says with each (tests/programs/nfq_talk.c)."""
import collections
import json
import subprocess
import threading
from queue import Empty, Queue

import packets as p

DROP, ACCEPT, REPEAT, STOP = 0, 1, 4, 5
Packet = collections.namedtuple("Packet", "queue id hook mark data")
WAIT_S = 20


def to_queue(number):
    """The verdict that hands a packet to another queue."""
    return number << 16 | 3


class Talk:
    """with Talk(d, NFQ_TALK, "7", "8:100") as t: both queues are listened to, the second 100 packets long."""

    def __init__(self, d, program, *queues, fail_open=False):
        words = [d.build / "pktt-run", program, *(["-o"] if fail_open else []), *queues]
        self.process = d.popen(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.lines = Queue()

    def __enter__(self):
        said = self.process.stdout.readline()
        if said != "listening\n":
            raise RuntimeError(f"nfq_talk says {said!r}")
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def listen(self):
        for line in self.process.stdout:
            self.lines.put(line)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()

    def packet(self):
        """The next one, or None where none comes."""
        try:
            _, queue, number, hook, mark, data = self.lines.get(timeout=WAIT_S).split(" ")
        except Empty:
            return None
        return Packet(int(queue), int(number), int(hook), int(mark), bytes.fromhex(data))

    def say(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def verdict(self, packet, verdict, mark="-", data=b"", batch=False):
        self.say("batch" if batch else "verdict", packet.queue, packet.id, verdict, mark, data.hex() or "-")

    def end(self):
        """Leaves in order; its status."""
        self.say("end")
        return self.process.wait(WAIT_S)

    def kill(self):
        self.process.kill()
        self.process.wait(WAIT_S)


class Injection:
    """Packets on their way through pkttd; what became of them is known when all have been judged."""

    count = 0

    def __init__(self, d, *packets, interface="in0"):
        Injection.count += 1
        file = d.path / f"packets-{Injection.count}.pcapng"
        file.write_bytes(p.pcapng([(interface, p.START_NS, data) for data in packets]))
        self.process = d.popen(d.build / "pktt", "inject", "--json", "--in", interface, "--read", file,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def records(self):
        out, err = self.process.communicate(timeout=60)
        if self.process.returncode:
            raise RuntimeError(f"pktt inject: {err}")
        return [json.loads(line) for line in out.splitlines()]


def inject(d, *packets, interface="in0"):
    return Injection(d, *packets, interface=interface).records()
