/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP windows, after Guido van Rooij, "Real Stateful TCP Packet Filtering in IP Filter" (2000), with
 * the bounds that Linux made of them:
 *
 *   I    seq  <= sender.max_end                            no data beyond what the receiver allowed
 *   II   end  >= sender.end - receiver.max_win             nor from long ago
 *   III  sack <= receiver.end                              no acknowledgement of what was not sent
 *   IV   sack >= receiver.end - max(sender.max_win, 66000) nor a very old one
 *
 * where end is seq and the length, sack the farthest SACK block or the acknowledgement. What fails II or
 * IV is an old duplicate, harmless, and IGNOREd: passed on, learnt nothing from. What fails I or III is
 * REFUSEd, but for a sender that runs over its window by less than a window: its data will be
 * acknowledged if the receiver is generous, so it is remembered and the segment ignored.
 */
#include "conntrack/proto_tcp.h"

#include <stdarg.h>
#include <stdio.h>

#define MAX_ACK_WINDOW 66000u

/* A segment between its two sides, with the numbers as the receiver will see them. */
struct look {
	struct ct_meet *meet;
	struct ct_tcp *tcp;
	struct ct_tcp_side *sender, *receiver;
	const struct ct_tcp_segment *seg;
	enum ct_dir dir;
	uint32_t seq, ack, sack, end;
};

/* What a helper added to the numbers of a direction (nf_ct_seq_offset()). */
static uint32_t added(const struct conn *conn, enum ct_dir dir, uint32_t seq)
{
	const struct ct_seqadj *adj;

	if (!conn->ext || !conn->ext->has_seqadj)
		return 0;
	adj = &conn->ext->seqadj[dir];
	return (uint32_t)(ct_tcp_after(seq, adj->correction_pos) ? adj->offset_after
								 : adj->offset_before);
}

/* Acknowledgements count in the receiver's own numbers, which NAT may have shifted for the sender. */
static void look_init(struct look *look, struct ct_meet *meet, const struct ct_tcp_segment *seg)
{
	uint32_t off = added(meet->conn, !meet->dir, seg->ack - 1);

	look->meet = meet;
	look->tcp = &conn_l4(meet->conn)->tcp;
	look->sender = &look->tcp->seen[meet->dir];
	look->receiver = &look->tcp->seen[!meet->dir];
	look->seg = seg;
	look->dir = meet->dir;
	look->seq = seg->seq;
	look->end = seg->end;
	look->ack = look->sack = seg->ack;
	if (look->receiver->flags & CT_TCP_SACK_PERM)
		look->sack = ct_tcp_read_sack(seg, look->ack);
	look->ack -= off;
	look->sack -= off;
}

static uint32_t at_least_one(uint32_t win)
{
	return win ? win : 1;
}

/* The sender's first SYN, or one that starts again. Scaling holds only if both offer it. */
static void begin_sender(struct look *look)
{
	struct ct_tcp_side *sender = look->sender, *receiver = look->receiver;

	sender->end = sender->max_end = look->end;
	sender->max_win = at_least_one(look->seg->win);
	ct_tcp_read_offer(look->seg, sender);
	if (look->dir == CT_REPLY && !(sender->flags & receiver->flags & CT_TCP_WINDOW_SCALE))
		sender->scale = receiver->scale = 0;
}

/* The first segment of a side of a connection that was taken up in the middle. */
static void adopt_sender(struct look *look)
{
	struct ct_tcp_side *sender = look->sender, *receiver = look->receiver;

	sender->end = look->end;
	sender->max_win = at_least_one((uint32_t)look->seg->win << sender->scale);
	sender->max_end = look->end + sender->max_win;
	if (receiver->max_win == 0)
		receiver->end = receiver->max_end = look->sack;
	else if (look->sack == receiver->end + 1)
		receiver->end++; /* the answer to a keepalive, which repeats an old byte */
}

/* Whether the segment starts its sender's numbering; a SYN back that does is all right as it is. */
static bool begin(struct look *look)
{
	bool is_syn = look->seg->flags & CT_TCP_SYN, is_ack = look->seg->flags & CT_TCP_ACK;
	uint8_t state = look->tcp->state;

	if (look->sender->max_win == 0) {
		if (!is_syn) {
			adopt_sender(look);
			return false;
		}
		begin_sender(look);
		return !is_ack;
	}
	if (!is_syn || !ct_tcp_after(look->end, look->sender->end))
		return false;
	if (state != CT_TCP_SYN_SENT && state != CT_TCP_SYN_RECV)
		return false;
	begin_sender(look);
	return look->dir == CT_REPLY && !is_ack;
}

/* Numbers that a segment leaves out, or that broken stacks get wrong, are taken to be right. */
static void fill_in(struct look *look)
{
	uint8_t flags = look->seg->flags;

	if (!(flags & CT_TCP_ACK) || (flags & CT_TCP_RST && look->ack == 0))
		look->ack = look->sack = look->receiver->end;
	/* A reset that answers a SYN counts from zero. */
	if (flags & CT_TCP_RST && look->seq == 0 && look->tcp->state == CT_TCP_SYN_SENT)
		look->seq = look->end = look->sender->end;
}

/* The bound of IV: the lowest number that is too old, exclusive. */
static uint32_t ack_floor(const struct look *look)
{
	uint32_t win =
		look->sender->max_win > MAX_ACK_WINDOW ? look->sender->max_win : MAX_ACK_WINDOW;

	return look->receiver->end - win - 1;
}

static uint32_t seq_floor(const struct look *look)
{
	return look->sender->end - look->receiver->max_win - 1;
}

/* I is broken: by less than a window, and all else is right? Then the receiver may take it. */
static enum ct_tcp_fit overshoots(struct look *look, struct ct_tcp_reason *reason)
{
	uint32_t by = look->end - look->sender->max_end + 1, win = look->receiver->max_win;

	if (win && ct_tcp_after(look->end, seq_floor(look)) &&
	    ct_tcp_after(look->sack, ack_floor(look)) && by <= win &&
	    ct_tcp_before(look->sack, look->receiver->end + 1)) {
		/* Else the acknowledgement of this data would fail III, and everything after it. */
		look->sender->end = look->end;
		look->sender->flags |= CT_TCP_DATA_UNACKNOWLEDGED;
		ct_tcp_say(look->meet, reason, "%u bytes more than expected", by);
		return CT_TCP_FIT_IGNORE;
	}
	ct_tcp_say(look->meet, reason,
		   "SEQ is over upper bound %u (over the window of the receiver)",
		   look->sender->max_end + 1);
	return CT_TCP_FIT_REFUSE;
}

static enum ct_tcp_fit fits(struct look *look, struct ct_tcp_reason *reason)
{
	if (!ct_tcp_before(look->seq, look->sender->max_end + 1))
		return overshoots(look, reason);
	if (!ct_tcp_before(look->sack, look->receiver->end + 1)) {
		ct_tcp_say(look->meet, reason,
			   "ACK is over upper bound %u (ACKed data not seen yet)",
			   look->receiver->end + 1);
		return CT_TCP_FIT_REFUSE;
	}
	if (look->receiver->max_win && !ct_tcp_after(look->end, seq_floor(look))) {
		ct_tcp_say(look->meet, reason,
			   "SEQ is under lower bound %u (already ACKed data retransmitted)",
			   seq_floor(look));
		return CT_TCP_FIT_IGNORE;
	}
	if (!ct_tcp_after(look->sack, ack_floor(look))) {
		ct_tcp_say(look->meet, reason,
			   "ignored ACK under lower bound %u (possible overly delayed)",
			   ack_floor(look));
		return CT_TCP_FIT_IGNORE;
	}
	return CT_TCP_FITS;
}

static void learn_of_sender(struct look *look, uint32_t win)
{
	struct ct_tcp_side *sender = look->sender;
	uint32_t reach = win + (look->sack - look->ack);

	if (sender->max_win < reach)
		sender->max_win = reach;
	if (ct_tcp_after(look->end, sender->end)) {
		sender->end = look->end;
		sender->flags |= CT_TCP_DATA_UNACKNOWLEDGED;
	}
	if (!(look->seg->flags & CT_TCP_ACK))
		return;
	if (!(sender->flags & CT_TCP_MAXACK_SET) || ct_tcp_after(look->ack, sender->max_ack))
		sender->max_ack = look->ack;
	sender->flags |= CT_TCP_MAXACK_SET;
}

static void learn_of_receiver(struct look *look, uint32_t win)
{
	struct ct_tcp_side *receiver = look->receiver;

	if (receiver->max_win && ct_tcp_after(look->end, look->sender->max_end))
		receiver->max_win += look->end - look->sender->max_end;
	/* A closed window may be probed with one byte. */
	if (ct_tcp_after(look->sack + win, receiver->max_end - 1))
		receiver->max_end = look->sack + at_least_one(win);
	if (look->ack == receiver->end)
		receiver->flags &= (uint8_t)~CT_TCP_DATA_UNACKNOWLEDGED;
}

/* The same ACK again and again: one end may have gone. */
static void count_repeats(struct look *look)
{
	struct ct_tcp *tcp = look->tcp;

	if (look->seg->kind != CT_TCP_KIND_ACK)
		return;
	if (tcp->last_dir == look->dir && tcp->last_seq == look->seq &&
	    tcp->last_ack == look->ack && tcp->last_end == look->end &&
	    tcp->last_win == look->seg->win) {
		tcp->retrans++;
		return;
	}
	tcp->last_dir = (uint8_t)look->dir;
	tcp->last_seq = look->seq;
	tcp->last_ack = look->ack;
	tcp->last_end = look->end;
	tcp->last_win = look->seg->win;
	tcp->retrans = 0;
}

void ct_tcp_say(const struct ct_meet *meet, struct ct_tcp_reason *reason, const char *fmt, ...)
{
	va_list ap;

	if (!meet->settings->log_invalid)
		return;
	va_start(ap, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, ap);
	va_end(ap);
}

enum ct_tcp_fit ct_tcp_window(struct ct_meet *meet, const struct ct_tcp_segment *seg,
			      struct ct_tcp_reason *reason)
{
	struct look look;
	enum ct_tcp_fit fit;
	uint32_t win = seg->win;

	look_init(&look, meet, seg);
	if (begin(&look))
		return CT_TCP_FITS;
	fill_in(&look);
	fit = fits(&look, reason);
	if (fit != CT_TCP_FITS) {
		if (!(look.sender->flags & CT_TCP_BE_LIBERAL) && !meet->settings->tcp_be_liberal)
			return fit;
		*reason->text = '\0';
		return CT_TCP_FITS;
	}
	if (!(seg->flags & CT_TCP_SYN))
		win <<= look.sender->scale;
	learn_of_sender(&look, win);
	learn_of_receiver(&look, win);
	count_repeats(&look);
	return CT_TCP_FITS;
}
