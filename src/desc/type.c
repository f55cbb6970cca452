/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values whatever their type.
 *
 * The subjects have a file each (type_num.c, type_addr.c ...), the closed set is listed in type_all.c.
 * Here is what is the same for all: words, lists, ownership.
 */
#include "desc/types.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>
#include <string.h>

size_t pktt_value_size(const struct pktt_param *param)
{
	return param->type->size ? param->type->size : param->size;
}

/* --- Words --------------------------------------------------------------------------------- */

/*
 * The next word of *at, its quotes and backslashes resolved, into to (room for strlen(*at) + 1).
 * False at the end of the text.
 */
static bool next_word(const char **at, char *to)
{
	const char *p = *at + strspn(*at, " \t");
	bool is_quoted = false;

	if (*p == '\0')
		return false;
	for (; *p && (is_quoted || !strchr(" \t", *p)); p++) {
		if (*p == '"')
			is_quoted = !is_quoted;
		else if (*p == '\\' && is_quoted && p[1])
			*to++ = *++p;
		else
			*to++ = *p;
	}
	*to = '\0';
	*at = p;
	return true;
}

static int refuse_words(const struct pktt_context *ctx, struct pktt_error *err)
{
	return pktt_fail(err, -EINVAL, "--%s: %u word%s expected: %s", ctx->param->name,
			 ctx->param->type->words, ctx->param->type->words == 1 ? "" : "s",
			 ctx->param->type->syntax);
}

int pktt_value_read(const struct pktt_context *ctx, const char *text, void *val,
		    struct pktt_error *err)
{
	const struct pktt_type *type = ctx->param->type;
	PKTT_AUTO_FREE char *copy = malloc(2 * strlen(text) + 4);
	const char *word[2] = { NULL, NULL };
	char *to = copy;

	if (!copy)
		return pktt_fail(err, -ENOMEM, "--%s: out of memory", ctx->param->name);
	if (type->words == 1 && text[0] != '"')
		return type->parse(ctx, &text, val, err);
	for (unsigned int i = 0; i < type->words; i++) {
		if (!next_word(&text, to))
			return refuse_words(ctx, err);
		word[i] = to;
		to += strlen(to) + 1;
	}
	if (type->words && next_word(&text, to))
		return refuse_words(ctx, err);
	return type->parse(ctx, word, val, err);
}

void pktt_word_print(const char *text, size_t len, struct str *out)
{
	static const char plain[] = "_-0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = 0;

	while (n < len && text[n] && strchr(plain, text[n]))
		n++;
	if (n == len && len > 0) {
		str_putn(out, text, len);
		return;
	}
	str_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\' || text[i] == '\'')
			str_putc(out, '\\');
		str_putc(out, text[i]);
	}
	str_putc(out, '"');
}

/* --- Lists and ownership --------------------------------------------------------------------- */

bool pktt_type_owns(const struct pktt_type *type)
{
	return type == &pktt_type_mac_list;
}

uint32_t pktt_value_count(const struct pktt_type *type, const void *val)
{
	uint16_t count;

	if (type->list_max == 0)
		return 0;
	if (pktt_type_owns(type))
		return ((const struct pktt_mac_list *)val)->count;
	memcpy(&count, val, sizeof(count));
	return count < type->list_max ? count : type->list_max;
}

void *pktt_value_slot(const struct pktt_type *type, void *val, uint32_t index)
{
	if (index >= pktt_value_count(type, val))
		return NULL;
	if (pktt_type_owns(type))
		return &((struct pktt_mac_list *)val)->item[index];
	return (char *)val + type->list_offset + (size_t)index * type->list_stride;
}

const void *pktt_value_item(const struct pktt_type *type, const void *val, uint32_t index)
{
	if (index >= pktt_value_count(type, val))
		return NULL;
	if (pktt_type_owns(type))
		return &((const struct pktt_mac_list *)val)->item[index];
	return (const char *)val + type->list_offset + (size_t)index * type->list_stride;
}

static int mac_list_resize(struct pktt_mac_list *list, uint32_t n)
{
	struct pktt_mac_ip *item;

	if (n == 0) {
		free(list->item);
		*list = (struct pktt_mac_list){ 0, NULL };
		return 0;
	}
	item = realloc(list->item, n * sizeof(*item));
	if (!item)
		return -ENOMEM;
	if (n > list->count)
		memset(item + list->count, 0, (n - list->count) * sizeof(*item));
	*list = (struct pktt_mac_list){ n, item };
	return 0;
}

int pktt_value_resize(const struct pktt_type *type, void *val, uint32_t n)
{
	uint32_t had = pktt_value_count(type, val);
	uint16_t count = (uint16_t)n;

	if (n > type->list_max)
		return -E2BIG;
	if (pktt_type_owns(type))
		return mac_list_resize(val, n);
	memcpy(val, &count, sizeof(count));
	for (uint32_t i = had < n ? had : n; i < (had < n ? n : had); i++)
		memset((char *)val + type->list_offset + (size_t)i * type->list_stride, 0,
		       type->list_stride);
	return 0;
}

void pktt_value_fini(const struct pktt_type *type, void *val)
{
	if (pktt_type_owns(type))
		mac_list_resize(val, 0);
}

int pktt_value_copy(const struct pktt_param *param, void *dst, const void *src)
{
	const struct pktt_mac_list *from = src;
	struct pktt_mac_list *to = dst;

	if (!pktt_type_owns(param->type)) {
		memcpy(dst, src, pktt_value_size(param));
		return 0;
	}
	*to = (struct pktt_mac_list){ 0, NULL };
	if (from->count == 0)
		return 0;
	if (mac_list_resize(to, from->count))
		return -ENOMEM;
	memcpy(to->item, from->item, from->count * sizeof(*from->item));
	return 0;
}

static bool parts_equal(const struct pktt_type *type, const void *a, const void *b)
{
	for (size_t i = 0; i < pktt_countof(type->part) && type->part[i].kind; i++) {
		const struct pktt_part *part = &type->part[i];

		if (memcmp((const char *)a + part->offset, (const char *)b + part->offset,
			   part->size))
			return false;
	}
	return true;
}

/* By parts, since the padding of a structure says nothing. */
bool pktt_value_equal(const struct pktt_param *param, const void *a, const void *b)
{
	const struct pktt_type *type = param->type;

	if (type->size == 0)
		return strncmp(a, b, param->size) == 0;
	if (!type->part[0].kind)
		return memcmp(a, b, type->size) == 0;
	if (type->list_max == 0)
		return parts_equal(type, a, b);
	if (pktt_value_count(type, a) != pktt_value_count(type, b))
		return false;
	for (uint32_t i = 0; i < pktt_value_count(type, a); i++)
		if (!parts_equal(type, pktt_value_item(type, a, i), pktt_value_item(type, b, i)))
			return false;
	return true;
}
