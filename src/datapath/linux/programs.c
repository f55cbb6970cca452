/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <pktt/type.h>

#include "base/own.h"
#include "filters.h"

/* It is generated, and not to our taste of casts. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "datapath.skel.h"
#pragma GCC diagnostic pop

struct programs {
	struct datapath_bpf *skel;
	unsigned int workers;
	struct linux_control *control;
	struct linux_slot *slots;
	struct linux_meta *up_slots;
	size_t slots_size, up_slots_size;
};

/* What libbpf last warned of: the only place where it says why the kernel refused something. */
static __thread char why[160];

__attribute__((format(printf, 2, 0))) static int note(enum libbpf_print_level level,
						      const char *format, va_list args)
{
	if (level == LIBBPF_WARN && !why[0]) {
		vsnprintf(why, sizeof(why), format, args);
		why[strcspn(why, "\n")] = '\0';
	}
	return 0;
}

static int fail(struct pktt_error *err, int code, const char *what)
{
	return pktt_fail(err, code, "%s: %s%s%s", what, strerror(-code), why[0] ? "; " : "", why);
}

static void *map_memory(const struct bpf_map *map, size_t size)
{
	void *ret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return ret == MAP_FAILED ? NULL : ret;
}

static int map_all(struct programs *p, struct pktt_error *err)
{
	p->slots_size = sizeof(struct linux_slot) * LINUX_SLOTS * p->workers;
	p->control = map_memory(p->skel->maps.control, sizeof(struct linux_control));
	p->slots = map_memory(p->skel->maps.down_slots, p->slots_size);
	p->up_slots_size = sizeof(struct linux_meta) * LINUX_UP_SLOTS * p->workers;
	p->up_slots = map_memory(p->skel->maps.up_slots, p->up_slots_size);
	return p->control && p->slots && p->up_slots ? 0
						     : fail(err, -errno, "memory of the BPF maps");
}

int programs_load(struct programs **ret, unsigned int workers, struct pktt_error *err)
{
	PKTT_AUTO(programs_free) struct programs *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return pktt_fail(err, -ENOMEM, "no memory for BPF programs");
	libbpf_set_print(note);
	why[0] = '\0';
	p->workers = workers;
	p->skel = datapath_bpf__open();
	if (!p->skel)
		return fail(err, -errno, "the BPF programs");
	p->skel->rodata->nup_slots = LINUX_UP_SLOTS * workers;
	r = bpf_map__set_max_entries(p->skel->maps.down_slots, LINUX_SLOTS * workers);
	if (r == 0)
		r = bpf_map__set_max_entries(p->skel->maps.up_slots, LINUX_UP_SLOTS * workers);
	if (r == 0)
		r = datapath_bpf__load(p->skel);
	if (r)
		return fail(err, r, "the kernel refuses the BPF programs");
	r = map_all(p, err);
	if (r == 0)
		*ret = pktt_take(&p);
	return r;
}

void programs_free(struct programs **slot)
{
	struct programs *p = *slot;

	if (!p)
		return;
	if (p->control)
		munmap(p->control, sizeof(*p->control));
	if (p->slots)
		munmap(p->slots, p->slots_size);
	if (p->up_slots)
		munmap(p->up_slots, p->up_slots_size);
	datapath_bpf__destroy(p->skel);
	free(p);
	*slot = NULL;
}

/* --- On interfaces ---------------------------------------------------------------------------- */

int programs_attach(struct programs *p, unsigned int ifindex, bool has_link_header,
		    struct pktt_error *err)
{
	const struct datapath_bpf *s = p->skel;
	int r;

	why[0] = '\0';
	if (has_link_header)
		r = filters_put(ifindex, bpf_program__fd(s->progs.ingress),
				bpf_program__fd(s->progs.egress));
	else
		r = filters_put(ifindex, bpf_program__fd(s->progs.ingress_l3),
				bpf_program__fd(s->progs.egress_l3));
	return r ? fail(err, r, "BPF at an interface") : 0;
}

void programs_detach(struct programs *p, unsigned int ifindex)
{
	(void)p;
	filters_take(ifindex);
}

int programs_attach_down(struct programs *p, unsigned int tap, struct pktt_error *err)
{
	int r;

	why[0] = '\0';
	r = filters_put(tap, bpf_program__fd(p->skel->progs.down), -1);
	return r ? fail(err, r, "BPF at the TAP device") : 0;
}

/* --- What is shared --------------------------------------------------------------------------- */

struct linux_control *programs_control(struct programs *p)
{
	return p->control;
}

struct linux_slot *programs_slots(struct programs *p, unsigned int worker, unsigned int *first)
{
	*first = worker * LINUX_SLOTS;
	return p->slots + *first;
}

const struct linux_meta *programs_up_slots(struct programs *p, unsigned int *count)
{
	*count = LINUX_UP_SLOTS * p->workers;
	return p->up_slots;
}

void programs_counts(const struct programs *p, struct linux_counts *ret)
{
	int ncpus = libbpf_num_possible_cpus();
	struct linux_counts *each = ncpus > 0 ? calloc((size_t)ncpus, sizeof(*each)) : NULL;
	__u32 zero = 0;

	*ret = (struct linux_counts){ 0 };
	if (each && bpf_map_lookup_elem(bpf_map__fd(p->skel->maps.counts), &zero, each) == 0)
		for (int i = 0; i < ncpus; i++) {
			ret->up += each[i].up;
			ret->judged += each[i].judged;
			ret->orphaned_passed += each[i].orphaned_passed;
			ret->orphaned_dropped += each[i].orphaned_dropped;
			ret->failed += each[i].failed;
		}
	free(each);
}
