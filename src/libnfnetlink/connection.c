/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections: made, greeted, closed. */
#include "libnfnetlink/own.h"

#include "base/own.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int nfl_fail(struct nfl_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	memset(err, 0, sizeof(*err));
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}

static const char *path_of(const struct nfl_options *options)
{
	const char *path = options->path ? options->path : secure_getenv(PKTT_SOCKET_ENV);

	if (path && *path)
		return path;
	return options->flags & NFL_VIEW ? PKTT_VIEW_PATH : PKTT_SOCKET_PATH;
}

static int cannot_connect(const char *path, int code, struct nfl_error *err)
{
	if (code == -ENOENT)
		return nfl_fail(err, code, "there is no pkttd: %s does not exist", path);
	if (code == -ECONNREFUSED)
		return nfl_fail(err, code, "there is no pkttd: nobody answers at %s", path);
	if (code == -EACCES || code == -EPERM)
		return nfl_fail(err, -EACCES, "this user may not speak with pkttd at %s", path);
	return nfl_fail(err, code, "cannot connect to pkttd at %s: %s", path, strerror(-code));
}

static int connect_to(const char *path, int *ret, struct nfl_error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd, code;

	if (strlen(path) >= sizeof(at.sun_path))
		return nfl_fail(err, -ENAMETOOLONG, "the path of a socket has at most %zu bytes",
				sizeof(at.sun_path) - 1);
	memcpy(at.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return nfl_fail(err, -errno, "no socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at))) {
		code = -errno;
		close(fd);
		return cannot_connect(path, code, err);
	}
	*ret = fd;
	return 0;
}

static int greeted(void *ctx, const struct nlmsghdr *nlh)
{
	struct nfl *nl = ctx;
	const struct nlattr *attr;

	nl->port = nlh->nlmsg_pid;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == PKTTB_RIGHTS &&
		    mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			nl->rights = ntohl(mnl_attr_get_u32(attr));
	}
	return 0;
}

static int hello(struct nfl *nl, const struct nfl_options *options, struct nfl_error *err)
{
	const char *program = options->program ? options->program : program_invocation_short_name;
	struct nlmsghdr *nlh;

	nlh = nfl_begin(nl, 512, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO, 0, 0);
	if (!nlh)
		return nfl_fail(err, -ENOMEM, "no memory");
	mnl_attr_put_u32(nlh, PKTTB_PROTOCOL, htonl(NETLINK_NETFILTER));
	if (strlen(program) < 256)
		mnl_attr_put_strz(nlh, PKTTB_PROGRAM, program);
	if (options->room)
		mnl_attr_put_u32(nlh, PKTTB_ROOM, htonl(options->room));
	return nfl_call(nl, nlh, greeted, nl, err);
}

static struct nfl *memory_new(int fd)
{
	struct nfl *nl = calloc(1, sizeof(*nl));

	if (!nl)
		return NULL;
	nl->fd = fd;
	nfl_set_timeout(nl, 30000);
	nl->in_room = NFL_RECEIVE_BYTES;
	nl->in = malloc(nl->in_room);
	nl->out = malloc(NFL_DATAGRAM_BYTES);
	if (nl->in && nl->out)
		return nl;
	nl->fd = -1;
	nfl_close(&nl);
	return NULL;
}

int nfl_open_fd(struct nfl **ret, int fd, const struct nfl_options *options, struct nfl_error *err)
{
	static const struct nfl_options none;
	PKTT_AUTO(nfl_close) struct nfl *nl = memory_new(fd);
	int room = 1024 * 1024, rc;

	if (!nl) {
		close(fd);
		return nfl_fail(err, -ENOMEM, "no memory");
	}
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	/* as much as the system allows */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	rc = hello(nl, options ? options : &none, err);
	if (rc)
		return rc;
	*ret = pktt_take(&nl);
	return 0;
}

int nfl_open(struct nfl **ret, const struct nfl_options *options, struct nfl_error *err)
{
	static const struct nfl_options none;
	int fd = -1, rc;

	options = options ? options : &none;
	rc = connect_to(path_of(options), &fd, err);
	return rc ? rc : nfl_open_fd(ret, fd, options, err);
}

void nfl_close(struct nfl **pnl)
{
	struct nfl *nl = *pnl;

	if (!nl)
		return;
	if (nl->txn)
		nl->txn->nl = NULL;
	if (nl->fd >= 0)
		close(nl->fd);
	free(nl->in);
	free(nl->out);
	free(nl->message);
	free(nl);
	*pnl = NULL;
}

int nfl_fd(const struct nfl *nl)
{
	return nl->fd;
}

unsigned int nfl_rights(const struct nfl *nl)
{
	return nl->rights;
}

uint32_t nfl_port(const struct nfl *nl)
{
	return nl->port;
}

void nfl_set_timeout(struct nfl *nl, unsigned int timeout_ms)
{
	struct timeval wait = { .tv_sec = timeout_ms / 1000,
				.tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000 };

	nl->timeout_ms = timeout_ms;
	setsockopt(nl->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
}

void nfl_set_handler(struct nfl *nl, const struct nfl_handler *handler)
{
	nl->handler = *handler;
}

static int group_call(struct nfl *nl, uint16_t what, uint32_t group, struct nfl_error *err)
{
	struct nlmsghdr *nlh = nfl_begin(nl, 64, (uint16_t)(PKTT_SUBSYS_BUS << 8 | what), 0, 0);

	if (!nlh)
		return nfl_fail(err, -ENOMEM, "no memory");
	mnl_attr_put_u32(nlh, PKTTB_GROUP, htonl(group));
	return nfl_call(nl, nlh, NULL, NULL, err);
}

int nfl_join(struct nfl *nl, uint32_t group, struct nfl_error *err)
{
	return group_call(nl, PKTT_BUS_JOIN, group, err);
}

int nfl_leave(struct nfl *nl, uint32_t group, struct nfl_error *err)
{
	return group_call(nl, PKTT_BUS_LEAVE, group, err);
}
