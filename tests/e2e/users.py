# SPDX-License-Identifier: GPL-2.0-or-later
"""Other users who speak with a test's pkttd."""
import grp
import os
import shutil
import subprocess


def let_in(d, *programs):
    """Everybody may come in, and finds the programs: the folder of the build may be closed to others."""
    d.path.chmod(0o755)
    (d.path / "rules").chmod(0o644)
    bin_ = d.path / "bin"
    bin_.mkdir()
    for file in (d.build / "pktt", d.build / "pktt-run", d.build / "libpktt-shim.so", *programs):
        shutil.copy(file, bin_)


class Actor:
    """A user by number, with groups, and the socket that is spoken to."""

    def __init__(self, d, name, uid, groups, view=False):
        self.d, self.name, self.uid = d, name + (" on view.sock" if view else ""), uid
        self.groups = [grp.getgrnam(g).gr_gid for g in groups]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("SSH_")}
        self.env["PKTT_SOCKET"] = str(d.view if view else d.socket)

    def as_other(self):
        if self.uid == 0:
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": self.groups}

    def program(self, *argv):
        """(status, stdout, stderr)"""
        r = subprocess.run([str(a) for a in argv], env=self.env, cwd=self.d.path, capture_output=True, text=True,
                           timeout=60, check=False, stdin=subprocess.DEVNULL, **self.as_other())
        return r.returncode, r.stdout, r.stderr

    def pktt(self, *args):
        return self.program(self.d.path / "bin" / "pktt", *args)

    def run(self, *argv):
        """A program under pktt-run."""
        return self.program(self.d.path / "bin" / "pktt-run", *argv)

    def start(self, *argv):
        return subprocess.Popen([str(a) for a in argv], env=self.env, cwd=self.d.path, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **self.as_other())
