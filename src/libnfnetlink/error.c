/* SPDX-License-Identifier: BSD-2-Clause */
/* An error message with its extended ack, as one record. */
#include "libnfnetlink/own.h"

#include <libmnl/libmnl.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static uint32_t be32_at(const struct nlattr *attr, size_t index)
{
	uint32_t value;

	memcpy(&value, (const char *)mnl_attr_get_payload(attr) + 4 * index, sizeof(value));
	return ntohl(value);
}

static void read_attr(struct nfl_error *err, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
		snprintf(err->text, sizeof(err->text), "%.*s", (int)len, mnl_attr_get_str(attr));
	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS && len == 4)
		err->offset = mnl_attr_get_u32(attr);
	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_COOKIE && len == 12) {
		err->line = be32_at(attr, 0);
		err->column = be32_at(attr, 1);
		err->length = be32_at(attr, 2);
	}
}

/* nlh is an NLMSG_ERROR. Its code is 0 where it acknowledges, -EBADMSG where it is too short. */
void nfl_error_read(struct nfl_error *err, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *body = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(int);
	const struct nlattr *attr;

	memset(err, 0, sizeof(*err));
	err->seq = nlh->nlmsg_seq;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*body)) {
		(void)nfl_fail(err, -EBADMSG, "pkttd's answer is cut off");
		return;
	}
	err->code = body->error;
	offset += nlh->nlmsg_flags & NLM_F_CAPPED ? sizeof(body->msg)
						  : NLMSG_ALIGN(body->msg.nlmsg_len);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && offset <= mnl_nlmsg_get_payload_len(nlh)) {
		mnl_attr_for_each(attr, nlh, (unsigned int)offset) read_attr(err, attr);
	}
	if (err->code && !err->text[0])
		snprintf(err->text, sizeof(err->text), "%s", strerror(-err->code));
}
