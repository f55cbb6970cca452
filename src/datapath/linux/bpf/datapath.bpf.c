/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * The kernel's part of the datapath.
 *
 * Overview: `ingress` and `egress` run at clsact of every interface that is ours. What nobody has judged
 * yet is taken from its way and goes up to pkttd through the TAP device. `down` runs at ingress of that
 * device and puts what pkttd writes where its slot says, with the mark LINUX_JUDGED in tc_index, by which
 * ingress and egress let it pass.
 *
 * Life-cycle: the programs outlive pkttd. Without it (control.alive_until_ns), neighbours are still found,
 * and what no flow knows passes or not as is configured.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

#define AF_INET	       2
#define IPPROTO_ICMPV6 58
enum { ND_FIRST = 133, ND_LAST = 137 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct linux_control);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LINUX_SLOTS); /* times the workers: set before it is made */
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct linux_slot);
} down_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LINUX_UP_SLOTS); /* times the workers */
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct linux_meta);
} up_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct linux_counts);
} counts SEC(".maps");

static const __u32 zero;
const volatile __u32 nup_slots = LINUX_UP_SLOTS;
__u64 next_up;

#define COUNT(what)                                                            \
	do {                                                                   \
		struct linux_counts *c_ = bpf_map_lookup_elem(&counts, &zero); \
		if (c_)                                                        \
			c_->what++;                                            \
	} while (0)

/* --- Up --------------------------------------------------------------------------------------- */

/* Without these no neighbour is found, and a flow that is known would come to nothing. */
static bool is_neighbour_talk(struct __sk_buff *skb, __u32 l2_len)
{
	struct {
		__u8 head[6], next, hops, addresses[32], type;
	} ip6;

	if (skb->protocol == bpf_htons(ETH_P_ARP))
		return true;
	if (skb->protocol != bpf_htons(ETH_P_IPV6) ||
	    bpf_skb_load_bytes(skb, l2_len, &ip6, sizeof(ip6)) < 0)
		return false;
	return ip6.next == IPPROTO_ICMPV6 && ip6.type >= ND_FIRST && ip6.type <= ND_LAST;
}

static int orphaned(struct __sk_buff *skb, const struct linux_control *control, __u32 l2_len)
{
	if (control->is_open || is_neighbour_talk(skb, l2_len)) {
		COUNT(orphaned_passed);
		return TC_ACT_UNSPEC;
	}
	COUNT(orphaned_dropped);
	/* STOLEN and not SHOT: a local sender is not told of what became of it */
	return TC_ACT_STOLEN;
}

static void describe(struct __sk_buff *skb, struct linux_meta *meta, __u32 direction)
{
	meta->ifindex = skb->ifindex;
	meta->mark = skb->mark;
	meta->priority = skb->priority;
	meta->direction = direction;
	meta->pkttype = skb->pkt_type;
	meta->uid = LINUX_NOBODY;
	meta->iif = 0;
	meta->cookie = 0;
	meta->has_vlan = skb->vlan_present;
	if (skb->vlan_present) {
		meta->vlan_tci = skb->vlan_tci;
		meta->vlan_proto = bpf_ntohs(skb->vlan_proto);
	}
	if (direction == LINUX_EGRESS) {
		meta->iif = skb->ingress_ifindex;
		if (skb->sk) {
			meta->uid = bpf_get_socket_uid(skb);
			meta->cookie = bpf_get_socket_cookie(skb);
		}
	}
}

/* A device without link headers gets one for the way. */
static int put_name(struct __sk_buff *skb, struct linux_meta *meta, __u64 number)
{
	struct linux_up_name name = { .prefix = { LINUX_UP_0, LINUX_UP_1 } };
	__u64 wire = bpf_cpu_to_be64(number);
	__be16 type = skb->protocol;

	if (meta->l2_len && bpf_skb_load_bytes(skb, 0, meta->l2, sizeof(meta->l2)) < 0)
		return -1;
	if (!meta->l2_len && (bpf_skb_change_head(skb, ETH_HLEN, 0) < 0 ||
			      bpf_skb_store_bytes(skb, 12, &type, sizeof(type), 0) < 0))
		return -1;
	__builtin_memcpy(name.number, &wire, sizeof(wire));
	return bpf_skb_store_bytes(skb, 0, &name, sizeof(name), 0);
}

/* Whoever reads looks at the number before and after. */
static int put_meta(struct __sk_buff *skb, __u32 direction, __u32 l2_len)
{
	__u64 number = __sync_fetch_and_add(&next_up, 1);
	__u32 at = number % nup_slots;
	struct linux_meta *meta = bpf_map_lookup_elem(&up_slots, &at);

	if (!meta)
		return -1;
	meta->number = ~0ull;
	describe(skb, meta, direction);
	meta->l2_len = l2_len;
	if ((meta->has_vlan && bpf_skb_vlan_pop(skb) < 0) || put_name(skb, meta, number) < 0)
		return -1;
	meta->number = number;
	return 0;
}

static int up(struct __sk_buff *skb, __u32 direction, __u32 l2_len)
{
	struct linux_control *ctl = bpf_map_lookup_elem(&control, &zero);

	if (!ctl)
		return TC_ACT_STOLEN;
	if (bpf_ktime_get_ns() > ctl->alive_until_ns)
		return orphaned(skb, ctl, l2_len);
	if (!ctl->sees_arp && skb->protocol == bpf_htons(ETH_P_ARP))
		return TC_ACT_UNSPEC;
	if (put_meta(skb, direction, l2_len) < 0) {
		COUNT(failed);
		return TC_ACT_STOLEN;
	}
	COUNT(up);
	return bpf_redirect(ctl->tap, 0);
}

/* A tagged packet belongs to the device of its VLAN, and is judged there. Number 0 is a priority only. */
static bool is_elsewhere(const struct __sk_buff *skb)
{
	return skb->vlan_present && (skb->vlan_tci & 0xfff) != 0;
}

static int judge(struct __sk_buff *skb, __u32 direction, __u32 l2_len)
{
	if (is_elsewhere(skb))
		return TC_ACT_UNSPEC;
	if (skb->tc_index == LINUX_JUDGED) {
		skb->tc_index = 0;
		COUNT(judged);
		return TC_ACT_UNSPEC;
	}
	return up(skb, direction, l2_len);
}

SEC("tc")
int ingress(struct __sk_buff *skb)
{
	return judge(skb, LINUX_INGRESS, ETH_HLEN);
}

SEC("tc")
int egress(struct __sk_buff *skb)
{
	return judge(skb, LINUX_EGRESS, ETH_HLEN);
}

/* Devices whose packets begin with layer 3. */
SEC("tc")
int ingress_l3(struct __sk_buff *skb)
{
	return judge(skb, LINUX_INGRESS, 0);
}

SEC("tc")
int egress_l3(struct __sk_buff *skb)
{
	return judge(skb, LINUX_EGRESS, 0);
}

/* --- Down ------------------------------------------------------------------------------------- */

static int to_neighbour(const struct linux_slot *slot)
{
	struct bpf_redir_neigh next = { .nh_family = slot->family };

	if (slot->family == AF_INET)
		__builtin_memcpy(&next.ipv4_nh, slot->next_hop, 4);
	else
		__builtin_memcpy(next.ipv6_nh, slot->next_hop, 16);
	return bpf_redirect_neigh(slot->ifindex, &next, sizeof(next), 0);
}

static int put_link_header(struct __sk_buff *skb, const struct linux_slot *slot)
{
	if (slot->l2_len && bpf_skb_store_bytes(skb, 0, slot->l2, sizeof(slot->l2), 0) < 0)
		return -1;
	if (slot->has_vlan)
		return bpf_skb_vlan_push(skb, bpf_htons(slot->vlan_proto), slot->vlan_tci);
	return 0;
}

static int go(struct __sk_buff *skb, const struct linux_slot *slot)
{
	skb->mark = slot->mark;
	skb->priority = slot->priority;
	skb->tc_index = LINUX_JUDGED;
	switch (slot->action) {
	case LINUX_TO_NEIGHBOUR:
		return to_neighbour(slot);
	case LINUX_TO_WIRE:
		return put_link_header(skb, slot) < 0 ? TC_ACT_SHOT
						      : bpf_redirect(slot->ifindex, 0);
	case LINUX_TO_STACK:
		return put_link_header(skb, slot) < 0 ? TC_ACT_SHOT
						      : bpf_redirect(slot->ifindex, BPF_F_INGRESS);
	case LINUX_TO_SELF:
		skb->tc_index = 0;
		return bpf_skb_change_type(skb, 0 /* PACKET_HOST */) < 0 ? TC_ACT_SHOT : TC_ACT_OK;
	}
	return TC_ACT_SHOT;
}

SEC("tc")
int down(struct __sk_buff *skb)
{
	__u8 to[6];
	__u32 at;
	struct linux_slot *slot;

	if (bpf_skb_load_bytes(skb, 0, to, sizeof(to)) < 0 || to[0] != LINUX_SLOT_0 ||
	    to[1] != LINUX_SLOT_1)
		return TC_ACT_SHOT;
	at = (__u32)to[2] << 24 | to[3] << 16 | to[4] << 8 | to[5];
	slot = bpf_map_lookup_elem(&down_slots, &at);
	return slot ? go(skb, slot) : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
