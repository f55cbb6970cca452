/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/source.h"

#include "base/own.h"
#include "base/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source {
	struct pktt_file file;
	char *name, *text;
	/* the line that was asked for last, from which the search for a later one goes on */
	uint32_t line;
	const char *at;
};

struct pktt_sources {
	struct source **item; /* pointers, since files are lent out */
	size_t n;
};

int pktt_sources_new(struct pktt_sources **ret)
{
	struct pktt_sources *sources = calloc(1, sizeof(*sources));

	if (!sources)
		return -ENOMEM;
	*ret = sources;
	return 0;
}

static void source_free(struct source **source)
{
	if (!*source)
		return;
	free((*source)->name);
	free((*source)->text);
	free(*source);
	*source = NULL;
}

void pktt_sources_free(struct pktt_sources **sources)
{
	if (!*sources)
		return;
	for (size_t i = 0; i < (*sources)->n; i++)
		source_free(&(*sources)->item[i]);
	free((*sources)->item);
	free(*sources);
	*sources = NULL;
}

static int source_new(struct source **ret, const char *name)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return -ENOMEM;
	source->name = strdup(name);
	if (!source->name) {
		source_free(&source);
		return -ENOMEM;
	}
	*ret = source;
	return 0;
}

/* Sources take the source over when this succeeds. */
static int keep(struct pktt_sources *sources, struct source **source, const struct pktt_file **ret)
{
	struct source **item = reallocarray(sources->item, sources->n + 1, sizeof(struct source *));
	struct source *s = *source;

	if (!item)
		return -ENOMEM;
	sources->item = item;
	item[sources->n++] = pktt_take(source);
	s->file.name = s->name;
	s->file.text = s->text;
	*ret = &s->file;
	return 0;
}

int pktt_sources_add(struct pktt_sources *sources, const char *name, const char *text, size_t len,
		     const struct pktt_file **ret)
{
	PKTT_AUTO(source_free) struct source *source = NULL;
	int r = source_new(&source, name);

	if (r)
		return r;
	source->text = malloc(len + 1);
	if (!source->text)
		return -ENOMEM;
	memcpy(source->text, text, len);
	source->text[len] = '\0';
	source->file.len = len;
	return keep(sources, &source, ret);
}

static void auto_close(const int *fd)
{
	if (*fd > STDIN_FILENO)
		close(*fd);
}

static int open_source(const char *path, enum pktt_trust trust, struct stat *st,
		       struct pktt_error *err)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int r = 0;

	if (fd < 0 || fstat(fd, st) < 0) {
		r = errno;
		auto_close(&fd);
		return pktt_fail(err, -r, "cannot open %s: %s", path, strerror(r));
	}
	if (S_ISDIR(st->st_mode))
		r = pktt_fail(err, -EISDIR, "%s is a folder", path);
	else if (trust == PKTT_OWN_FILES)
		r = pktt_trust_stat(st, path, err);
	if (r == 0)
		return fd;
	auto_close(&fd);
	return r;
}

static int grow(struct source *source, size_t *room)
{
	size_t more = *room < SIZE_MAX / 2 ? 2 * *room : 0;
	char *text = more ? realloc(source->text, more) : NULL;

	if (!text)
		return -ENOMEM;
	source->text = text;
	*room = more;
	return 0;
}

static int read_all(int fd, struct source *source, size_t room)
{
	size_t len = 0;

	source->text = malloc(room);
	if (!source->text)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, source->text + len, room - len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (room - len == 1 && grow(source, &room))
			return -ENOMEM;
	}
	source->text[len] = '\0';
	source->file.len = len;
	return 0;
}

int pktt_sources_read(struct pktt_sources *sources, const char *path, enum pktt_trust trust,
		      const struct pktt_file **ret, struct pktt_error *err)
{
	PKTT_AUTO(source_free) struct source *source = NULL;
	struct stat st = { 0 };
	PKTT_AUTO(auto_close) int fd = open_source(path, trust, &st, err);
	int r = fd < 0 ? fd : source_new(&source, fd == STDIN_FILENO ? "(standard input)" : path);

	if (fd < 0)
		return r;
	if (r == 0)
		r = read_all(fd, source, st.st_size > 0 ? (size_t)st.st_size + 2 : 65536);
	if (r == 0) {
		source->file.device = st.st_dev;
		source->file.inode = st.st_ino;
		r = keep(sources, &source, ret);
	}
	if (r)
		return pktt_fail(err, r, "cannot read %s: %s", path, strerror(-r));
	return 0;
}

static struct source *lookup(const struct pktt_sources *sources, const char *name)
{
	for (size_t i = 0; name && i < sources->n; i++)
		if (sources->item[i]->name == name || strcmp(sources->item[i]->name, name) == 0)
			return sources->item[i];
	return NULL;
}

const struct pktt_file *pktt_sources_lookup(const struct pktt_sources *sources, const char *name)
{
	const struct source *s = sources ? lookup(sources, name) : NULL;

	return s ? &s->file : NULL;
}

const char *pktt_sources_line(void *ctx, const struct pktt_place *place)
{
	struct source *s = lookup(ctx, place->file);

	if (!s || place->line == 0)
		return NULL;
	if (!s->at || place->line < s->line) {
		s->line = 1;
		s->at = s->text;
	}
	while (s->line < place->line) {
		const char *end = memchr(s->at, '\n', s->file.len - (size_t)(s->at - s->text));

		if (!end)
			return NULL;
		s->at = end + 1;
		s->line++;
	}
	return s->at;
}
