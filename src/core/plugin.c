/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extensions as shared objects. A folder is loaded at start, in name order. What is loaded runs
 * with our rights: folder and file must belong to root or to the user, and nobody else may write
 * them.
 */
#include "core/ext.h"

#include "base/own.h"
#include "base/trust.h"
#include "desc/catalog.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct pktt_plugins {
	void *handle;
	struct pktt_plugins *older;
};

static int add_all(struct pktt_catalog *cat, const struct pktt_plugin *plugin, const char *path,
		   struct pktt_error *err)
{
	int r = 0;

	if (plugin->version != PKTT_EXT_VERSION)
		return pktt_fail(err, -EPROTO,
				 "%s is built for plug-in interface %u, this is version %u", path,
				 plugin->version, PKTT_EXT_VERSION);
	for (const struct pktt_match *const *m = plugin->matches; r == 0 && m && *m; m++)
		r = pktt_catalog_add(cat, &(*m)->ext, err);
	for (const struct pktt_target *const *t = plugin->targets; r == 0 && t && *t; t++)
		r = pktt_catalog_add(cat, &(*t)->ext, err);
	return r;
}

static int load_one(struct pktt_plugins **list, struct pktt_catalog *cat, const char *path,
		    struct pktt_error *err)
{
	PKTT_AUTO_FREE struct pktt_plugins *p = calloc(1, sizeof(*p));
	const struct pktt_plugin *plugin;
	int r = pktt_trust_file(path, err);

	if (r)
		return r;
	if (!p)
		return pktt_fail(err, -ENOMEM, "no memory to load %s", path);
	p->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!p->handle)
		return pktt_fail(err, -ENOEXEC, "%s cannot be loaded: %s", path, dlerror());
	plugin = dlsym(p->handle, "pktt_plugin");
	if (!plugin) {
		dlclose(p->handle);
		return pktt_fail(err, -ENOEXEC, "%s is no extension: it has no pktt_plugin", path);
	}
	/* From here on the catalog may point into it: it stays open whatever happens. */
	p->older = *list;
	*list = p;
	p = NULL;
	return add_all(cat, plugin, path, err);
}

static int is_object(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 3 && strcmp(d->d_name + len - 3, ".so") == 0;
}

int pktt_ext_load_folder(struct pktt_plugins **ret, struct pktt_catalog *cat, const char *folder,
			 struct pktt_error *err)
{
	struct dirent **entry;
	char path[4096];
	int n, r;

	n = scandir(folder, &entry, is_object, alphasort);
	if (n < 0)
		return pktt_fail(err, -errno, "folder %s: %s", folder, strerror(errno));
	r = pktt_trust_file(folder, err);
	for (int i = 0; i < n; i++) {
		if (r == 0) {
			snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
			r = load_one(ret, cat, path, err);
		}
		free(entry[i]);
	}
	free(entry);
	return r;
}

void pktt_ext_unload(struct pktt_plugins **plugins)
{
	while (*plugins) {
		struct pktt_plugins *p = *plugins;

		*plugins = p->older;
		dlclose(p->handle);
		free(p);
	}
}
