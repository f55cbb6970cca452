/* SPDX-License-Identifier: BSD-2-Clause */
/* Where programs before iptables 1.2.5 looked for it. */
#include <libipq/libipq.h>
