/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for libFuzzer where there is no clang: runs every file of the folder that it is given.
 */
#include <dirent.h>
#include <errno.h>
#include <error.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const char *folder, const char *name)
{
	char path[4096];
	struct stat st;
	uint8_t *data;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (!f || fstat(fileno(f), &st))
		error(1, errno, "%s", path);
	/* Of exactly its size, so that the address sanitizer sees a byte too many. */
	data = malloc((size_t)st.st_size);
	if (!data && st.st_size)
		error(1, errno, "%s", path);
	if (fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		error(1, errno, "%s", path);
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	free(data);
}

int main(int argc, char **argv)
{
	unsigned int count = 0;
	struct dirent *entry;
	DIR *dir;

	dir = argc == 2 ? opendir(argv[1]) : NULL;
	if (!dir)
		error(2, errno, "usage: %s FOLDER", argv[0]);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		run(argv[1], entry->d_name);
		count++;
	}
	closedir(dir);
	printf("%u files\n", count);
	return count ? 0 : 1;
}
