/* SPDX-License-Identifier: GPL-2.0-or-later
 * suite - the files that a script's commands call; suite.h is the manual
 */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols.h"

static bool failed(const char *what, const char *path, char why[JOB_WHY_BYTES])
{
	const char *name = errno_name(errno);

	snprintf(why, JOB_WHY_BYTES, "%s %.160s: %s", what, path, name ? name : "unknown error");
	return false;
}

/* Every folder above path, and path itself if it ends with a slash. */
static bool make_folders(const char *path, char why[JOB_WHY_BYTES])
{
	char folder[PATH_MAX];

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder)) {
		errno = ENAMETOOLONG;
		return failed("mkdir", path, why);
	}
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) && errno != EEXIST)
			return failed("mkdir", folder, why);
		*slash = '/';
	}
	return true;
}

static bool write_file(const struct job_file *file, char why[JOB_WHY_BYTES])
{
	int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
	bool written = fd >= 0 && write(fd, file->data, file->data_bytes) == (ssize_t)file->data_bytes;

	if (!written)
		failed("write", file->path, why);
	if (fd >= 0)
		close(fd);
	return written;
}

static bool enter(const char *folder, char why[JOB_WHY_BYTES])
{
	char with_slash[PATH_MAX];

	snprintf(with_slash, sizeof(with_slash), "%s/", folder);
	return make_folders(with_slash, why) && (chdir(folder) == 0 || failed("chdir", folder, why));
}

bool suite_lay_out(struct job *job, char why[JOB_WHY_BYTES])
{
	struct job_file file;
	int more;

	while ((more = job_next_file(job, &file, why)) > 0)
		if (!make_folders(file.path, why) || !write_file(&file, why))
			return false;
	return more == 0 && (!job->folder || enter(job->folder, why));
}
