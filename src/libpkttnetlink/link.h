/* SPDX-License-Identifier: BSD-2-Clause */
/* The connection: messages out, messages in, and who is waiting for which. */
#ifndef LIBPKTTNETLINK_LINK_H
#define LIBPKTTNETLINK_LINK_H

#include "libpkttnetlink/object.h"

#include <libmnl/libmnl.h>

enum {
	PKTTNL_SEND_BYTES = 32 * 1024, /* messages that leave together */
	PKTTNL_MESSAGE_MAX = 1024 * 1024,
	PKTTNL_RECEIVE_BYTES = 1024 * 1024,
};

struct pkttnl {
	int fd;
	char *path, *program;
	uint32_t seq; /* of the last request */
	unsigned int rights, timeout_ms;
	struct pkttnl_catalog *cat;	/* fetched; NULL = not yet */
	struct pkttnl_catalog *offered; /* from another connection */
	struct pkttnl_txn *txn;		/* that is open */
	struct pkttnl_object lent;
	uint8_t *in; /* PKTTNL_RECEIVE_BYTES; pages that nothing is read into are never touched */
};

/* Is handed each message. 0 = go on, 1 = that was all, or an error. */
typedef int pkttnl_message(void *ctx, const struct nlmsghdr *nlh, struct pkttnl_error *err);

/* A new connection to path. */
int pkttnl_link_open(struct pkttnl *nl, struct pkttnl_error *err);
void pkttnl_link_close(struct pkttnl *nl);
/*
 * Send whole messages. While there is no room, what comes is read and handed to message(), so that the two
 * sides never wait for each other. 1 where message() said that all is there.
 */
int pkttnl_link_send(struct pkttnl *nl, const void *buf, size_t len, pkttnl_message *message,
		     void *ctx, struct pkttnl_error *err);
/* Read until message() says that all is there (0), or an error. */
int pkttnl_link_receive(struct pkttnl *nl, pkttnl_message *message, void *ctx,
			struct pkttnl_error *err);
/* One datagram, if there is one: 0 = there is none; 1 = message() is content; 2 = one was read. */
int pkttnl_link_poll(struct pkttnl *nl, pkttnl_message *message, void *ctx,
		     struct pkttnl_error *err);
/* Wait for events of poll(2): 1, or 0 after timeout_ms (-1 = without end). */
int pkttnl_link_wait(const struct pkttnl *nl, short events, int timeout_ms);
/* What an NLMSG_ERROR says: 0 for an acknowledgement. */
int pkttnl_link_error(const struct nlmsghdr *nlh, struct pkttnl_error *err);
/* One message of the bus itself (PKTT_BUS_*) with one attribute, acknowledged. */
int pkttnl_link_bus(struct pkttnl *nl, enum pktt_bus_msg message, enum pktt_bus_attr attr,
		    uint32_t value, struct pkttnl_error *err);
/* The connection may be used: no transaction is open on it. */
int pkttnl_link_is_free(const struct pkttnl *nl, struct pkttnl_error *err);

#endif
