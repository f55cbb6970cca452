# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions of the protocols that have helpers: played by real programs through the kernel,
recorded, and held against `pktt replay`."""
