/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of LOG: what Linux's kernel log says of a packet, to the letter. */
#ifndef PKTT_CORE_LOG_TEXT_H
#define PKTT_CORE_LOG_TEXT_H

#include "core/packet.h"

struct str;

enum { /* linux/netfilter/nf_log.h */
       PKTT_LOG_TCPSEQ = 0x01,
       PKTT_LOG_TCPOPT = 0x02,
       PKTT_LOG_IPOPT = 0x04,
       PKTT_LOG_UID = 0x08, /* a socket's owner: only a live host knows it */
       PKTT_LOG_MACDECODE = 0x20,
};

enum { /* linux/netfilter_bridge/ebt_log.h */
       PKTT_LOG_BR_IP = 0x01,
       PKTT_LOG_BR_ARP = 0x02,
       PKTT_LOG_BR_IP6 = 0x08,
};

/* Append the line of the LOG target, cut where the kernel's buffer ends; no newline. */
void pktt_log_text(const struct pktt_packet *pkt, const char *prefix, uint32_t flags,
		   struct str *out);
/* The line of the bridge watcher "log", with PKTT_LOG_BR_* flags. */
void pktt_log_text_bridge(const struct pktt_packet *pkt, const char *prefix, uint32_t flags,
			  struct str *out);

/* --- Between log_text*.c --------------------------------------------------------------------- */

/* A line being written: bytes of layer 3, read by offset. */
struct pktt_log_line {
	const struct pktt_packet *pkt;
	struct str *out;
	uint32_t flags;
};

void pktt_log_ipv4(const struct pktt_log_line *line);
void pktt_log_ipv6(const struct pktt_log_line *line);
/* Transport headers of layer-3 offset at; false = the line ends here. */
bool pktt_log_tcp(const struct pktt_log_line *line, uint32_t at, bool is_later_fragment);
bool pktt_log_udp(const struct pktt_log_line *line, uint32_t at, bool is_later_fragment,
		  uint8_t protocol);
/* len bytes at a layer-3 offset, or NULL. */
const uint8_t *pktt_log_read(const struct pktt_log_line *line, uint32_t at, uint32_t len);
void pktt_log_incomplete(const struct pktt_log_line *line, uint32_t at);
void pktt_log_put_hex(const struct pktt_log_line *line, const uint8_t *data, uint32_t len);
void pktt_log_put_mac(struct str *out, const uint8_t *mac);
void pktt_log_put_ipv4(struct str *out, const uint8_t *addr);
void pktt_log_put_ipv6(struct str *out, const uint8_t *addr);
/* MARK= of the packet itself, not of one quoted in it. */
void pktt_log_put_mark(const struct pktt_log_line *line);

#endif
