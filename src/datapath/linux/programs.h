/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF programs and their maps: loaded, put on interfaces, taken off again. */
#ifndef LINUX_PROGRAMS_H
#define LINUX_PROGRAMS_H

#include <stdbool.h>

#include "datapath/linux/bpf/abi.h"

struct pktt_error;
struct programs;

/* Needs CAP_BPF, CAP_NET_ADMIN; err says what the kernel lacks. */
int programs_load(struct programs **ret, unsigned int workers, struct pktt_error *err);
/* The programs stay on interfaces where programs_detach() did not take them off. */
void programs_free(struct programs **slot);

/* At ingress and egress, whatever stands there besides. Again on the same interface: nothing changes. */
int programs_attach(struct programs *p, unsigned int ifindex, bool has_link_header,
		    struct pktt_error *err);
/* Ours only. An interface that has gone is no error. */
void programs_detach(struct programs *p, unsigned int ifindex);
/* The program that puts what we write where it belongs, on the TAP device. */
int programs_attach_down(struct programs *p, unsigned int tap, struct pktt_error *err);

/* Memory that the programs read. */
struct linux_control *programs_control(struct programs *p);
/* LINUX_SLOTS of a worker, and the number of the first. */
struct linux_slot *programs_slots(struct programs *p, unsigned int worker, unsigned int *first);
/* LINUX_UP_SLOTS for each worker, all workers' together. */
const struct linux_meta *programs_up_slots(struct programs *p, unsigned int *count);
/* Sums over all CPUs. */
void programs_counts(const struct programs *p, struct linux_counts *ret);

#endif
