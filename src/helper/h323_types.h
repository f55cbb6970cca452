/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of H.323 that helpers read, and what they mark in them. */
#ifndef PKTT_HELPER_H323_TYPES_H
#define PKTT_HELPER_H323_TYPES_H

#include "helper/per.h"

enum h323_tag {
	H323_NO_TAG,
	/* H.225 call signalling */
	H323_H245_ADDRESS,
	H323_DEST_CALL_SIGNAL,
	H323_SOURCE_CALL_SIGNAL,
	H323_ALTERNATIVE,
	H323_IS_FORWARDED, /* a mark: the call is */
	/* H.245, on its own or inside the above */
	H323_MEDIA,
	H323_LAN_STACK, /* a mark: data by T.120 over a connection of its own */
	H323_SEPARATE_STACK,
	H323_SEPARATE_STACK_ACK,
	/* RAS: which message, by marks; then its fields */
	RAS_GRQ,
	RAS_GCF,
	RAS_RRQ,
	RAS_RCF,
	RAS_URQ,
	RAS_ARQ,
	RAS_ACF,
	RAS_LRQ,
	RAS_LCF,
	RAS_IRR,
	RAS_ADDRESS,
	RAS_SIGNAL_ADDRESS,
	RAS_TIME_TO_LIVE,
};

extern const struct per_type h323_user_information, /* of Q.931's user-user element */
	h323_system_control,			    /* H.245 */
	h323_ras_message;

#endif
