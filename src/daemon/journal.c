/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "base/str.h"
#include "bus/nfnl.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

enum { LEVELS = LOG_DEBUG + 1, USERS = 64 };

/* Whose line it is: what may keep it out. */
enum whose { OWN, PACKETS, USERS_OWN };

/* One for the process, as syslog(3) is. */
static struct {
	pthread_mutex_t lock;
	bool to_stderr, has_levels; /* systemd reads standard error, and takes <N> for the level */
	int fd;			    /* to systemd's journal; -1 = it is not there */
	uint32_t rate, credit, user_rate;
	struct {
		uid_t uid;
		uint32_t lines;
	} user[USERS]; /* of this second, in order of their first line */
	unsigned int nusers;
	time_t second;
	uint64_t lost, lost_untold;
	uint64_t count[LEVELS];
} journal = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .to_stderr = true };

struct say {
	int level;
	enum whose whose;
	uid_t uid; /* USERS_OWN */
	const char *text;
	const struct journal_field *field;
	size_t nfields;
};

static int connect_native(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void journal_open(bool to_stderr)
{
	journal.to_stderr = to_stderr;
	journal.has_levels = getenv("JOURNAL_STREAM") != NULL;
	if (!to_stderr)
		openlog("pkttd", LOG_PID, LOG_DAEMON);
	if (!to_stderr || journal.has_levels)
		journal.fd = connect_native();
}

void journal_close(void)
{
	if (journal.fd >= 0)
		close(journal.fd);
	journal.fd = -1;
	if (!journal.to_stderr)
		closelog();
}

void journal_reopen(void)
{
	pthread_mutex_lock(&journal.lock);
	journal_close();
	journal_open(journal.to_stderr);
	pthread_mutex_unlock(&journal.lock);
}

void journal_set_rate(uint32_t lines, uint32_t of_one_user)
{
	pthread_mutex_lock(&journal.lock);
	journal.rate = lines;
	journal.user_rate = of_one_user;
	pthread_mutex_unlock(&journal.lock);
}

uint64_t journal_count(int level)
{
	return __atomic_load_n(&journal.count[level], __ATOMIC_RELAXED);
}

uint64_t journal_lost(void)
{
	return __atomic_load_n(&journal.lost, __ATOMIC_RELAXED);
}

/* Each second has its own room. */
static void turn_second(void)
{
	time_t now = time(NULL);

	if (now == journal.second)
		return;
	journal.second = now;
	journal.credit = journal.rate;
	journal.nusers = 0;
}

/* The last place is everybody's who comes later. */
static bool user_has_room(uid_t uid)
{
	unsigned int i = 0;

	if (!journal.user_rate)
		return true;
	while (i < journal.nusers && journal.user[i].uid != uid)
		i++;
	if (i == journal.nusers && i < USERS) {
		journal.user[i].uid = uid;
		journal.user[i].lines = 0;
		journal.nusers++;
	}
	return journal.user[i < USERS ? i : USERS - 1].lines++ < journal.user_rate;
}

static bool take_room(const struct say *s)
{
	uint32_t kept = s->whose == PACKETS ? journal.rate / 4 : 0;

	if (s->whose == USERS_OWN && !user_has_room(s->uid))
		return false;
	if (!journal.rate)
		return true;
	if (journal.credit <= kept)
		return false;
	journal.credit--;
	return true;
}

static bool has_room(const struct say *s)
{
	turn_second();
	if ((s->whose == OWN && s->level <= LOG_ERR) || take_room(s))
		return true;
	journal.lost_untold++;
	__atomic_store_n(&journal.lost, journal.lost + 1, __ATOMIC_RELAXED);
	return false;
}

/* systemd's native form: KEY=value, a line each; no value of ours has a line end. */
static bool send_native(int level, const char *line, const struct journal_field *field, size_t n)
{
	struct str out = STR_INIT;
	bool ok;

	str_putf(&out, "PRIORITY=%d\nSYSLOG_IDENTIFIER=pkttd\nMESSAGE=%s\n", level, line);
	for (size_t i = 0; i < n; i++) {
		if (field[i].text)
			str_putf(&out, "%s=%s\n", field[i].name, field[i].text);
		else
			str_putf(&out, "%s=%" PRIu64 "\n", field[i].name, field[i].number);
	}
	ok = !out.failed && send(journal.fd, out.data, out.len, MSG_NOSIGNAL) >= 0;
	str_fini(&out);
	return ok;
}

static void put_line(int level, const char *line, const struct journal_field *field, size_t n)
{
	if (journal.fd >= 0 && send_native(level, line, field, n))
		return;
	if (!journal.to_stderr)
		syslog(level, "%s", line);
	else if (journal.has_levels)
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "pkttd: %s\n", line);
}

static void tell_lost(void)
{
	char line[80];

	if (!journal.lost_untold || (journal.rate && journal.credit < 2))
		return;
	snprintf(line, sizeof(line), "%" PRIu64 " lines were not said: log-rate",
		 journal.lost_untold);
	journal.lost_untold = 0;
	put_line(LOG_WARNING, line, NULL, 0);
}

/* What programs call themselves, and names in rules, are foreign: terminals obey control bytes. */
static void say(const struct say *s)
{
	struct str line = STR_INIT;

	str_put_escaped(&line, s->text, strlen(s->text));
	pthread_mutex_lock(&journal.lock);
	journal.count[s->level]++;
	if (has_room(s)) {
		tell_lost();
		put_line(s->level, str_text(&line), s->field, s->nfields);
	}
	pthread_mutex_unlock(&journal.lock);
	str_fini(&line);
}

void journal_say(int level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(&(struct say){ .level = level, .text = text });
}

void journal_packet(int level, const struct journal_field *field, size_t nfields, const char *text)
{
	say(&(struct say){ .level = level,
			   .whose = PACKETS,
			   .text = text,
			   .field = field,
			   .nfields = nfields });
}

void journal_change(const struct nfnl_who *who, uint64_t generation, const char *what)
{
	struct journal_field field[] = {
		{ "PKTT_GENERATION", NULL, generation },
		{ "PKTT_CHANGE", what, 0 },
		{ "PKTT_UID", NULL, who ? who->uid : 0 },
		{ "PKTT_PID", NULL, who ? (uint64_t)who->pid : (uint64_t)getpid() },
		{ "PKTT_PROGRAM", who ? who->program : "pkttd", 0 },
	};

	char text[1024];

	if (who)
		snprintf(text, sizeof(text), "generation %" PRIu64 ": %s by %s (uid %u, pid %d)",
			 generation, what, who->program, who->uid, who->pid);
	else
		snprintf(text, sizeof(text), "generation %" PRIu64 ": %s", generation, what);
	say(&(struct say){ .level = LOG_INFO,
			   .whose = who ? USERS_OWN : OWN,
			   .uid = who ? who->uid : 0,
			   .text = text,
			   .field = field,
			   .nfields = pktt_countof(field) });
}
