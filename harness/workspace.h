/* SPDX-License-Identifier: GPL-2.0-or-later
 * workspace - where finrig's own data, its caches and the user's sources are
 * in: the environment and where the finrig binary lies; out: paths. Made once by main, read by every stage.
 *
 * In a checkout (binary at build/finrig) data is the checkout itself and the cache is build/.
 * Installed, data is PREFIX/share/finrig and the cache $XDG_CACHE_HOME/finrig.
 */
#ifndef FINRIG_WORKSPACE_H
#define FINRIG_WORKSPACE_H

#include <glib.h>

struct workspace {
	char *data;        /* holds kernels/ and cases/ */
	char *libexec;     /* holds the built agent and shims: agent, shims/cc, shims/perl, shims/include/ */
	char *lockstep;    /* libexec/lockstep.so, which QEMU is started with */
	char *cache;       /* holds source/, image/, initramfs/: all that can be made again */
	char *scratch;     /* FINRIG_SCRATCH or NULL: see workspace_scratch() */
	GPtrArray *tarball_dirs; /* char *: folders with linux-X.Y.Z.tar.* or unpacked linux-X.Y.Z/, from --tarballs and FINRIG_TARBALLS */
	char *mirror;      /* URL above v2.6/, v3.x/ ...; FINRIG_MIRROR or kernel.org's */
	int jobs;          /* for make -j, and cells at a time */
	gboolean verbose;
	/* Called from any thread with one line of progress, no newline; stage is the stage's word, subject a kernel or cell.
	 * Stage "note": a line that must not be lost. Stage NULL: the subject is done. */
	void (*progress)(gpointer user, const char *stage, const char *subject, const char *text);
	gpointer progress_user;
};

/* argv0: how finrig was called. Returns a new workspace, or NULL with FINRIG_ERROR_BROKEN if data cannot be found. */
struct workspace *workspace_new(const char *argv0, GError **error);
void workspace_free(struct workspace *workspace);
/* Where kernels are built: the cache, or a disk of this machine's own, so that machines that share the cache build at the same time. */
const char *workspace_scratch(const struct workspace *workspace);
void workspace_progress(const struct workspace *workspace, const char *stage, const char *subject,
			const char *format, ...) G_GNUC_PRINTF(4, 5);

typedef struct workspace workspace_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(workspace_t, workspace_free)

#endif
