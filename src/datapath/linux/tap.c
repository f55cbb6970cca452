/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pktt/type.h>

#include "base/own.h"

/* Bursts of new flows wait here while a worker is busy; the kernel counts what finds no room. */
enum { QUEUE_LENGTH = 8192 };

/* Not in the headers of Linux 5.15. */
#ifndef TUN_F_USO4
#	define TUN_F_USO4 0x20
#	define TUN_F_USO6 0x40
#endif

static int fail(struct pktt_error *err, const char *what)
{
	return pktt_fail(err, -errno, "the TAP device: %s: %s", what, strerror(errno));
}

/* UDP's segmentation is Linux 6.2's. */
static int set_offload(int fd)
{
	unsigned int base = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

	if (ioctl(fd, TUNSETOFFLOAD, base | TUN_F_USO4 | TUN_F_USO6) == 0)
		return 0;
	return ioctl(fd, TUNSETOFFLOAD, base);
}

static int open_queue(struct tap *tap, struct pktt_error *err)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE };
	int size = sizeof(struct virtio_net_hdr);
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return fail(err, "/dev/net/tun");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", tap->name[0] ? tap->name : "pktt%d");
	tap->queue[tap->nqueues++] = fd;
	if (ioctl(fd, TUNSETIFF, &ifr) < 0)
		return fail(err, ifr.ifr_name);
	memcpy(tap->name, ifr.ifr_name, sizeof(tap->name));
	if (ioctl(fd, TUNSETVNETHDRSZ, &size) < 0 || set_offload(fd) < 0)
		return fail(err, "offloads");
	return 0;
}

static void put_setting(const struct tap *tap, const char *family, const char *setting,
			const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, tap->name, setting);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!write(fd, value, strlen(value));
	close(fd);
}

/*
 * Nothing of the kernel's own goes out by it. What comes in by it is what this host sends to itself, which
 * has this host's addresses as its source.
 */
static int bring_up(const struct tap *tap, struct pktt_error *err)
{
	struct ifreq ifr = { .ifr_qlen = QUEUE_LENGTH };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = -1;

	put_setting(tap, "ipv6", "disable_ipv6", "1");
	put_setting(tap, "ipv4", "accept_local", "1");
	put_setting(tap, "ipv4", "route_localnet", "1");
	put_setting(tap, "ipv4", "rp_filter", "0");
	memcpy(ifr.ifr_name, tap->name, sizeof(ifr.ifr_name));
	if (s >= 0 && ioctl(s, SIOCSIFTXQLEN, &ifr) == 0) {
		ifr.ifr_flags = IFF_UP | IFF_NOARP;
		r = ioctl(s, SIOCSIFFLAGS, &ifr);
	}
	if (r < 0)
		r = fail(err, "up");
	if (s >= 0)
		close(s);
	return r;
}

int tap_open(struct tap *tap, const char *name, unsigned int queues, struct pktt_error *err)
{
	int r = 0;

	*tap = (struct tap){ .queue = calloc(queues, sizeof(int)) };
	if (!tap->queue)
		return pktt_fail(err, -ENOMEM, "no memory for the TAP device");
	snprintf(tap->name, sizeof(tap->name), "%s", name);
	for (unsigned int i = 0; r == 0 && i < queues; i++)
		r = open_queue(tap, err);
	if (r == 0)
		r = bring_up(tap, err);
	tap->index = if_nametoindex(tap->name);
	if (r)
		tap_close(tap);
	return r;
}

void tap_close(struct tap *tap)
{
	for (unsigned int i = 0; i < tap->nqueues; i++)
		close(tap->queue[i]);
	free(tap->queue);
	*tap = (struct tap){ 0 };
}
