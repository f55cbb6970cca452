# SPDX-License-Identifier: GPL-2.0-or-later
"""All sessions."""

from session import amanda, ftp, h323, irc, netbios, pptp, sane, sip, snmp, talk, tftp

MODULES = (ftp, tftp, irc, sip, pptp, h323, amanda, snmp, netbios, sane, talk)
SESSIONS = {s.name: s for module in MODULES for s in module.SESSIONS}
