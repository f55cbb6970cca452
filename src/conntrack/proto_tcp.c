/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP: what a segment does to its connection.
 *
 * Overview: the table of tcp_state.c says where a segment leads, from the state, its direction and its
 * kind; some of its entries need a closer look (the functions named after what was led to). What is left
 * must lie in the window (tcp_window.c). Then the state changes, and the timeout follows from it.
 *
 * The behaviour is that of Linux 6.18's nf_conntrack_proto_tcp.c: where RFC 9293 and 5961 leave it
 * open what a box in the middle should believe, what Linux believes.
 *
 * Synchronization: all of struct ct_tcp is read and changed under conn_lock(); what reaches beyond the
 * connection (events, the log, taking it out) is done without it.
 */
#include "conntrack/proto_tcp.h"

#include "conntrack/event.h"
#include "conntrack/own.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

/* A segment on its way through the rules below. */
struct step {
	struct ct_meet *meet;
	const struct ct_tcp_segment *seg;
	struct ct_tcp *tcp;
	enum ct_tcp_state old, new;
	struct ct_tcp_reason reason;
};

enum course {
	COURSE_WINDOW, /* the window decides */
	COURSE_TAKE,   /* it is taken, wherever it lies */
	COURSE_PASS,   /* the packet is the connection's, but changes nothing */
	COURSE_REFUSE, /* it belongs to no connection */
	COURSE_REOPEN, /* its tuple is used again */
};

/* --- The first segment ------------------------------------------------------------------------ */

static void begin_side(struct ct_tcp_side *side, const struct ct_tcp_segment *seg)
{
	side->end = side->max_end = seg->end;
	side->max_win = seg->win ? seg->win : 1;
}

/*
 * A connection that was there before us: who talks first is taken for the client, and as windows may be
 * scaled by we know not what, neither side is held to them.
 */
static void pick_up(struct ct_tcp *tcp, const struct ct_tcp_segment *seg)
{
	begin_side(&tcp->seen[CT_ORIGINAL], seg);
	tcp->seen[CT_ORIGINAL].max_end += tcp->seen[CT_ORIGINAL].max_win;
	tcp->seen[CT_ORIGINAL].flags = CT_TCP_SACK_PERM | CT_TCP_BE_LIBERAL;
	tcp->seen[CT_REPLY].flags = CT_TCP_SACK_PERM | CT_TCP_BE_LIBERAL;
}

/* Nobody else knows the connection yet: no lock. */
static bool open_by(struct ct_meet *meet, const struct ct_tcp_segment *seg)
{
	struct ct_tcp *tcp = &conn_l4(meet->conn)->tcp;
	enum ct_tcp_state first = ct_tcp_next(CT_ORIGINAL, seg->kind, CT_TCP_NONE);

	if (first == CT_TCP_REFUSE) {
		ct_log_invalid(meet, "invalid new");
		return false;
	}
	if (first != CT_TCP_SYN_SENT && !meet->settings->tcp_loose)
		return false;
	*tcp = (struct ct_tcp){ .last_index = CT_TCP_KIND_NONE };
	if (first == CT_TCP_SYN_SENT) {
		begin_side(&tcp->seen[CT_ORIGINAL], seg);
		ct_tcp_read_offer(seg, &tcp->seen[CT_ORIGINAL]);
	} else {
		pick_up(tcp, seg);
	}
	return true;
}

/* --- Segments that are let through, and what they tell later ---------------------------------- */

/* A SYN in the middle of a connection: the answer will tell whether it was right. Keep its offer. */
static void note_syn(struct step *step)
{
	struct ct_tcp_side offer = { 0 };
	struct ct_tcp *tcp = step->tcp;

	ct_tcp_read_offer(step->seg, &offer);
	tcp->last_flags = offer.flags & (CT_TCP_WINDOW_SCALE | CT_TCP_SACK_PERM);
	tcp->last_scale = offer.flags & CT_TCP_WINDOW_SCALE ? offer.scale : 0;
	/* RFC 5961: its answer may be an ACK, which must not pass for that of the last FIN. */
	if (step->old == CT_TCP_LAST_ACK)
		tcp->last_flags |= CT_TCP_EXP_CHALLENGE_ACK;
}

static enum course to_ignore(struct step *step)
{
	const struct ct_tcp_segment *seg = step->seg;
	struct ct_tcp *tcp = step->tcp;
	enum ct_dir dir = step->meet->dir;

	tcp->last_index = seg->kind;
	tcp->last_dir = (uint8_t)dir;
	tcp->last_seq = seg->seq;
	tcp->last_end = seg->end;
	tcp->last_win = seg->win;
	if (seg->kind == CT_TCP_KIND_SYN && dir == CT_ORIGINAL)
		note_syn(step);
	/* A challenge ACK to our SYN: the reset that answers it counts from what it acknowledges. */
	if (step->old == CT_TCP_SYN_SENT && seg->kind == CT_TCP_KIND_ACK && dir == CT_REPLY)
		tcp->last_ack = seg->ack;
	ct_tcp_say(step->meet, &step->reason, "packet (index %u) in dir %u ignored, state %s",
		   seg->kind, dir, ct_tcp_state_name(step->old));
	return COURSE_PASS;
}

/* A SYN/ACK to the SYN that we had let through: both ends agree, so do we. */
static bool answers_noted_syn(const struct step *step)
{
	const struct ct_tcp *tcp = step->tcp;

	return step->seg->kind == CT_TCP_KIND_SYN_ACK && tcp->last_index == CT_TCP_KIND_SYN &&
	       tcp->last_dir != step->meet->dir && step->seg->ack == tcp->last_end;
}

static enum course resync(struct step *step)
{
	struct ct_tcp *tcp = step->tcp;
	struct ct_tcp_side *client = &tcp->seen[tcp->last_dir];
	struct ct_tcp_side *server = &tcp->seen[step->meet->dir];

	step->old = CT_TCP_SYN_SENT;
	step->new = CT_TCP_SYN_RECV;
	tcp->last_flags &= (uint8_t)~CT_TCP_EXP_CHALLENGE_ACK;
	client->end = client->max_end = tcp->last_end;
	client->max_win = tcp->last_win ? tcp->last_win : 1;
	client->scale = tcp->last_scale;
	client->flags = tcp->last_flags;
	*server = (struct ct_tcp_side){ .flags = server->flags & CT_TCP_BE_LIBERAL };
	return COURSE_WINDOW;
}

static enum course to_ignore_or_resync(struct step *step)
{
	return answers_noted_syn(step) ? resync(step) : to_ignore(step);
}

/* --- States that need a closer look ----------------------------------------------------------- */

/*
 * A SYN after the end (RFC 9293, 3.10.7.4) opens the tuple anew: if we saw it end by a FIN, or its sender
 * reset it. Else the close may have been somebody else's: let through, see what comes back.
 */
static enum course to_syn_sent(struct step *step)
{
	const struct ct_tcp *tcp = step->tcp;
	bool was_closed = (tcp->seen[0].flags | tcp->seen[1].flags) & CT_TCP_CLOSE_INIT;
	bool was_reset = tcp->last_dir == step->meet->dir && tcp->last_index == CT_TCP_KIND_RST;

	if (step->old < CT_TCP_TIME_WAIT)
		return COURSE_WINDOW;
	return was_closed || was_reset ? COURSE_REOPEN : to_ignore_or_resync(step);
}

/*
 * A client of a SYN proxy may send a keepalive before the proxy has the server's SYN/ACK; the proxy needs
 * it to begin again.
 */
static bool is_proxy_keepalive(const struct step *step)
{
	const struct conn_ext *ext = step->meet->conn->ext;

	return ext && ext->has_synproxy && step->old == CT_TCP_SYN_SENT &&
	       step->seg->kind == CT_TCP_KIND_ACK && step->meet->dir == CT_ORIGINAL &&
	       step->tcp->last_dir == CT_ORIGINAL &&
	       step->tcp->seen[CT_ORIGINAL].end - 1 == step->seg->seq;
}

static enum course to_refuse(struct step *step)
{
	if (is_proxy_keepalive(step))
		return COURSE_PASS;
	ct_tcp_say(step->meet, &step->reason, "packet (index %u) in dir %u invalid, state %s",
		   step->seg->kind, step->meet->dir, ct_tcp_state_name(step->old));
	return COURSE_REFUSE;
}

/* The challenge ACK that a SYN in LAST_ACK brought about (note_syn()) acknowledges no FIN. */
static enum course to_time_wait(struct step *step)
{
	struct ct_tcp *tcp = step->tcp;

	if (step->old != CT_TCP_LAST_ACK || step->seg->kind != CT_TCP_KIND_ACK ||
	    tcp->last_dir == step->meet->dir || tcp->last_index != CT_TCP_KIND_SYN ||
	    !(tcp->last_flags & CT_TCP_EXP_CHALLENGE_ACK))
		return COURSE_WINDOW;
	tcp->last_flags &= (uint8_t)~CT_TCP_EXP_CHALLENGE_ACK;
	ct_tcp_say(step->meet, &step->reason, "challenge-ack ignored");
	return COURSE_PASS;
}

/* After a simultaneous open both ends have sent their SYN/ACK: one ACK back is enough. */
static enum course to_syn_recv(struct step *step)
{
	if (step->meet->dir == CT_REPLY && step->seg->kind == CT_TCP_KIND_ACK &&
	    step->tcp->last_flags & CT_TCP_SIMULTANEOUS_OPEN)
		step->new = CT_TCP_ESTABLISHED;
	return COURSE_WINDOW;
}

/* --- Resets ------------------------------------------------------------------------------------ */

static bool is_established(const struct step *step)
{
	return step->tcp->state == CT_TCP_ESTABLISHED && conn_status(step->meet->conn) & CT_ASSURED;
}

/* The end of what the same sender said last: "P 1:20" and then "R 20". */
static bool ends_a_train(const struct step *step)
{
	const struct ct_tcp *tcp = step->tcp;

	return tcp->last_index == CT_TCP_KIND_ACK && tcp->last_dir == step->meet->dir &&
	       tcp->last_end == step->seg->seq;
}

/*
 * RFC 5961, 3.2: a reset that is not exactly where the receiver waits makes it send a challenge ACK, so
 * an established connection stays established until it is. What is before all that the receiver
 * acknowledged is refused. True: *course is decided.
 */
static bool is_out_of_place(struct step *step, enum course *course)
{
	const struct ct_tcp_side *receiver = &step->tcp->seen[!step->meet->dir];
	uint32_t seq = step->seg->seq;

	/* What a SYN that was let through may have made obsolete says nothing. */
	if (!(receiver->flags & CT_TCP_MAXACK_SET) || step->tcp->last_index == CT_TCP_KIND_SYN)
		return false;
	*course = COURSE_WINDOW;
	if (seq == 0 && !is_established(step))
		return true; /* most likely the answer to such a SYN */
	if (ct_tcp_before(seq, receiver->max_ack) &&
	    !step->meet->settings->tcp_ignore_invalid_rst) {
		ct_tcp_say(step->meet, &step->reason, "invalid rst");
		*course = COURSE_REFUSE;
		return true;
	}
	if (!is_established(step) || seq == receiver->max_ack || ends_a_train(step))
		return true;
	step->new = step->old;
	return false;
}

/* A reset that answers what was let through: a SYN into the connection, an ACK to a half-open one. */
static bool answers_let_through(const struct step *step)
{
	const struct ct_tcp *tcp = step->tcp;
	uint32_t status = conn_status(step->meet->conn);
	bool was_syn = status & CT_SEEN_REPLY && tcp->last_index == CT_TCP_KIND_SYN &&
		       tcp->last_dir != step->meet->dir;
	bool was_ack = !(status & CT_ASSURED) && tcp->last_index == CT_TCP_KIND_ACK;

	if ((was_syn || was_ack) && step->seg->ack == tcp->last_end)
		return true;
	/* The client's answer to a challenge ACK of the server's. */
	return step->old == CT_TCP_SYN_SENT && tcp->last_index == CT_TCP_KIND_ACK &&
	       tcp->last_dir == CT_REPLY && step->seg->seq == tcp->last_ack;
}

static enum course to_close(struct step *step)
{
	enum course course;

	if (step->seg->kind != CT_TCP_KIND_RST)
		return COURSE_WINDOW;
	/* The tuple may be in use again already: what we know of its numbers is of the past. */
	if (ct_tcp_is_closing(step->tcp->state))
		return COURSE_TAKE;
	if (is_out_of_place(step, &course))
		return course;
	return answers_let_through(step) ? COURSE_TAKE : COURSE_WINDOW;
}

static enum course course_of(struct step *step)
{
	switch (step->new) {
	case CT_TCP_SYN_SENT:
		return to_syn_sent(step);
	case CT_TCP_IGNORE:
		return to_ignore_or_resync(step);
	case CT_TCP_REFUSE:
		return to_refuse(step);
	case CT_TCP_TIME_WAIT:
		return to_time_wait(step);
	case CT_TCP_SYN_SENT2:
		step->tcp->last_flags |= CT_TCP_SIMULTANEOUS_OPEN;
		return COURSE_WINDOW;
	case CT_TCP_SYN_RECV:
		return to_syn_recv(step);
	case CT_TCP_CLOSE:
		return to_close(step);
	case CT_TCP_NONE:
	case CT_TCP_ESTABLISHED:
	case CT_TCP_FIN_WAIT:
	case CT_TCP_CLOSE_WAIT:
	case CT_TCP_LAST_ACK:
		break;
	}
	return COURSE_WINDOW;
}

/* --- What follows ------------------------------------------------------------------------------- */

_Static_assert((int)CT_TCP_SYN_SENT_TIMEOUT == CT_TCP_SYN_SENT - 1 &&
		       (int)CT_TCP_CLOSE_TIMEOUT == CT_TCP_CLOSE - 1 &&
		       (int)CT_TCP_SYN_SENT2_TIMEOUT == CT_TCP_SYN_SENT2 - 1,
	       "timeouts are in the order of states");

static uint32_t state_timeout(const struct ct_meet *meet, enum ct_tcp_state state)
{
	return meet->timeouts[state - 1];
}

/* The state's, but shorter where an end may have gone. */
static uint32_t timeout_of(const struct step *step)
{
	const struct ct_tcp *tcp = step->tcp;
	const uint32_t *timeouts = step->meet->timeouts;
	uint32_t seconds = state_timeout(step->meet, step->new);

	if (tcp->retrans >= step->meet->settings->tcp_max_retrans &&
	    seconds > timeouts[CT_TCP_MAX_RETRANS_TIMEOUT])
		return timeouts[CT_TCP_MAX_RETRANS_TIMEOUT];
	if (step->seg->kind == CT_TCP_KIND_RST)
		return timeouts[CT_TCP_CLOSE_TIMEOUT];
	if ((tcp->seen[0].flags | tcp->seen[1].flags) & CT_TCP_DATA_UNACKNOWLEDGED &&
	    seconds > timeouts[CT_TCP_UNACKNOWLEDGED_TIMEOUT])
		return timeouts[CT_TCP_UNACKNOWLEDGED_TIMEOUT];
	if (tcp->last_win == 0 && seconds > timeouts[CT_TCP_MAX_RETRANS_TIMEOUT])
		return timeouts[CT_TCP_MAX_RETRANS_TIMEOUT];
	return seconds;
}

/*
 * A FIN or a reset out of the window, and one from the other side before: the ends are probably done with
 * each other. Do not keep the connection for days because we disagree.
 */
static void hasten(struct step *step)
{
	struct ct_meet *meet = step->meet;
	struct ct_tcp *tcp = step->tcp;
	uint32_t left_ms = conn_timeout_left(meet->conn, meet->now_ms);
	uint64_t timeout_ms = (uint64_t)meet->timeouts[CT_TCP_UNACKNOWLEDGED_TIMEOUT] * 1000;

	if ((conn_status(meet->conn) & (CT_ASSURED | CT_FIXED_TIMEOUT)) != CT_ASSURED)
		return;
	if (step->seg->kind != CT_TCP_KIND_RST && step->seg->kind != CT_TCP_KIND_FIN)
		return;
	if (tcp->last_dir == meet->dir ||
	    (tcp->last_index != CT_TCP_KIND_FIN && tcp->last_index != CT_TCP_KIND_RST)) {
		tcp->last_index = step->seg->kind;
		tcp->last_dir = (uint8_t)meet->dir;
	} else if (left_ms >= 120 * 1000 && left_ms > timeout_ms) {
		conn_set_timeout(meet->conn, meet->now_ms, (uint32_t)timeout_ms);
	}
}

/* Under the lock: the segment's place is found, the connection goes on to its new state. */
static enum course take(struct step *step)
{
	enum course course = course_of(step);
	enum ct_tcp_fit fit;
	struct ct_tcp *tcp = step->tcp;

	if (course == COURSE_WINDOW) {
		fit = ct_tcp_window(step->meet, step->seg, &step->reason);
		if (fit == CT_TCP_FIT_IGNORE)
			return COURSE_PASS;
		if (fit == CT_TCP_FIT_REFUSE) {
			hasten(step);
			return COURSE_REFUSE;
		}
	} else if (course != COURSE_TAKE) {
		return course;
	}
	tcp->last_index = step->seg->kind;
	tcp->last_dir = (uint8_t)step->meet->dir;
	tcp->state = (uint8_t)step->new;
	if (step->old != step->new && step->new == CT_TCP_FIN_WAIT)
		tcp->seen[step->meet->dir].flags |= CT_TCP_CLOSE_INIT;
	return COURSE_TAKE;
}

/* Nothing came back before this packet. How long it may last, or 0: it is not given more time. */
static uint32_t unanswered(struct step *step, uint32_t seconds)
{
	uint32_t most = step->meet->timeouts[CT_TCP_UNACKNOWLEDGED_TIMEOUT];

	/* Who sends SYNs again and again, or uses a port again, must not keep an entry for ever. */
	if (step->seg->kind == CT_TCP_KIND_SYN && step->old == CT_TCP_SYN_SENT)
		return 0;
	if (step->new == CT_TCP_ESTABLISHED && seconds > most)
		return most;
	return seconds;
}

/* Without the lock: time, events, and whether the connection counts as a real one. */
static void follow_up(struct step *step, uint32_t seconds)
{
	struct ct_meet *meet = step->meet;
	uint32_t status = conn_status(meet->conn);

	if (step->new != step->old)
		ct_protoinfo_changed(meet);
	if (!(status & CT_SEEN_REPLY)) {
		if (step->seg->flags & CT_TCP_RST) {
			/* Refused at once: nothing that anybody will come back to. */
			ct_account(meet);
			ct_kill(meet);
			return;
		}
		seconds = unanswered(step, seconds);
		if (!seconds)
			return;
	} else if (!(status & CT_ASSURED) && step->new == CT_TCP_ESTABLISHED &&
		   (step->old == CT_TCP_SYN_RECV || step->old == CT_TCP_ESTABLISHED)) {
		ct_set_assured(meet);
	}
	ct_refresh(meet, seconds);
}

static enum ct_judge tcp_packet(struct ct_meet *meet)
{
	struct ct_tcp_segment seg;
	struct step step = { .meet = meet, .seg = &seg, .tcp = &conn_l4(meet->conn)->tcp };
	const char *fault = ct_tcp_read(meet->pkt, &seg);
	enum course course;
	uint32_t seconds = 0;

	if (!fault && ct_checksum_is_bad(meet))
		fault = "bad checksum";
	if (!fault && !ct_tcp_flags_ok(seg.flags))
		fault = "invalid tcp flag combination";
	if (fault) {
		ct_log_invalid(meet, fault);
		return CT_INVALID;
	}
	if (!conn_is_confirmed(meet->conn) && !open_by(meet, &seg))
		return CT_INVALID;
	conn_lock(meet->conn);
	step.old = step.tcp->state;
	step.new = ct_tcp_next(meet->dir, seg.kind, step.old);
	course = take(&step);
	if (course == COURSE_TAKE)
		seconds = timeout_of(&step);
	conn_unlock(meet->conn);
	if (*step.reason.text)
		ct_log_invalid(meet, step.reason.text);
	if (course == COURSE_TAKE)
		follow_up(&step, seconds);
	if (course == COURSE_REOPEN)
		return ct_kill(meet) ? CT_REPEAT : CT_DROP;
	return course == COURSE_REFUSE ? CT_INVALID : CT_OK;
}

/* --- The rest --------------------------------------------------------------------------------- */

void ct_tcp_set_closing(struct conntrack *ct, unsigned int worker, struct conn *conn)
{
	struct ct_tcp *tcp = &conn_l4(conn)->tcp;
	uint64_t ms = (uint64_t)ct_timeouts_of(ct, conn)[CT_TCP_CLOSE_TIMEOUT] * 1000;
	enum ct_tcp_state old;
	bool is_news;

	if (!conn_is_confirmed(conn))
		return;
	conn_lock(conn);
	old = tcp->state;
	tcp->state = CT_TCP_CLOSE;
	is_news = old != CT_TCP_CLOSE && !(conn_status(conn) & CT_FIXED_TIMEOUT);
	if (is_news)
		conn_set_timeout(conn, ct_ms(conntrack_time_ns(ct)),
				 ms > INT32_MAX ? INT32_MAX : (uint32_t)ms);
	conn_unlock(conn);
	if (is_news)
		ct_event(ct, worker, conn, CT_EVENT_PROTOINFO);
}

static bool tcp_tuple(struct buf l4, struct ct_tuple *ret)
{
	const uint8_t *ports = buf_get(&l4, 4);

	if (!ports)
		return false;
	memcpy(&ret->sport, ports, sizeof(ret->sport));
	memcpy(&ret->dport, ports + 2, sizeof(ret->dport));
	return true;
}

static bool tcp_may_drop_early(const struct conn *conn)
{
	return ct_tcp_is_closing(conn_l4_const(conn)->tcp.state);
}

static const char *tcp_state(const struct conn *conn)
{
	return ct_tcp_state_name(conn_l4_const(conn)->tcp.state);
}

static const char *const timeout_names[] = {
#define X(id, name, seconds) [CT_TCP_##id##_TIMEOUT] = (name),
	CT_TCP_TIMEOUTS(X)
#undef X
};

const struct ct_l4proto ct_proto_tcp = {
	.protocol = IPPROTO_TCP,
	.name = "tcp",
	.state_size = sizeof(struct ct_tcp),
	.has_ports = true,
	.tuple = tcp_tuple,
	.packet = tcp_packet,
	.may_drop_early = tcp_may_drop_early,
	.state = tcp_state,
	.timeout_count = CT_TCP_TIMEOUT_COUNT,
	.timeout_names = timeout_names,
	.timeouts_offset = offsetof(struct ct_settings, tcp),
};
