# SPDX-License-Identifier: GPL-2.0-or-later
"""What the LOG target writes: lines of /dev/kmsg.

The kernel's log is one for the whole machine; a line is known as ours by the prefix
that every LOG rule of a scenario has.
"""

import os
import re


class Overrun(Exception):
    """The kernel overwrote records that had not been read."""


def unescape(text):
    """/dev/kmsg writes what is not printable, and the backslash, as \\xNN."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m.group(1), 16)), text)


class Reader:
    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        self.skip()

    def skip(self):
        os.lseek(self.fd, 0, os.SEEK_END)

    def drain(self, prefix):
        """Returns the new lines that begin with prefix."""
        lines = []
        while True:
            try:
                record = os.read(self.fd, 8192).decode("latin-1")
            except BlockingIOError:
                return lines
            except BrokenPipeError as e:
                self.skip()
                raise Overrun from e
            text = unescape(record.split(";", 1)[1].split("\n", 1)[0])
            if text.startswith(prefix):
                lines.append(text)
