/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_recipe - all that goes into one image, and its key
 * in: struct kernel and its source; out: the list of inputs that manifest.json shows, and the SHA-256 over their contents.
 * Names of files and folders are for people: the key does not depend on them.
 */
#ifndef FINRIG_IMAGE_RECIPE_H
#define FINRIG_IMAGE_RECIPE_H

#include "kernel.h"
#include "source.h"

struct recipe_input {
	char *kind;    /* source, patch, config, make, shims, compiler, module, ... */
	char *name;
	char *version; /* NULL where there is none */
	char *content; /* SHA-256 in hex, or the text itself where it is short */
};

/* What make is told of a swapped module. No BTF: it needs pahole, and nothing here reads it. No debug information: it is stripped, but the build
 * id is made of it too, and it names folders of this machine, so that one key stood for many images. */
#define RECIPE_NO_BTF "CONFIG_DEBUG_INFO_BTF_MODULES="
#define RECIPE_NO_DEBUG_INFO "CONFIG_DEBUG_INFO="

/* modules.NAME = PACKAGE:FILE or FOLDER/:FILE of a packaged kernel. */
struct recipe_swap {
	char *module;  /* tun */
	char *package; /* linux-source-6.1; NULL when it is a folder */
	char *folder;  /* absolute, the top of a source tree or of a part of one; NULL when it is a package */
	char *file;    /* drivers/net/tun.c */
};

struct recipe {
	const struct kernel *kernel;
	const struct workspace *workspace;
	struct source *source;     /* not owned */
	GPtrArray *inputs;         /* struct recipe_input * */
	GPtrArray *swaps;          /* struct recipe_swap * */
	GPtrArray *wishes;         /* struct config_wish *, for a source kernel */
	char **patches;            /* paths */
	char **make;               /* further words for make, VARIABLE=value */
	char **modules;            /* names of modules (package) or paths of files (ready kernel), as the kernel says */
	char *key;
	char *room;                /* key of the build folder that kernels of one family share */
	/* What the stage's maker finds out: */
	char *release;             /* NULL if unknown */
	GPtrArray *loading;        /* char *: file names in modules/, in loading order */
	GPtrArray *absent;         /* char *: options asked for that this version does not know */
};

struct recipe *recipe_new(const struct kernel *kernel, const struct workspace *workspace, struct source *source,
			  GCancellable *cancellable, GError **error);
void recipe_free(struct recipe *recipe);
/* What a guest may need that a distribution may have as modules: finrig's own needs, then what scripts ask for. NULL-terminated. */
extern const char *const recipe_wanted_modules[];

/* Adds to what manifest.json shows; not to the key, which stands. version may be NULL. */
void recipe_add(struct recipe *recipe, const char *kind, const char *name, const char *version, const char *content);
/* Does a module's build take this file beside its source? The source itself and headers. */
gboolean swap_takes(const struct recipe_swap *swap, const char *name);
/* The folders and files of the toolchain shims. */
char *recipe_shim(const struct workspace *workspace, const char *name);
char *recipe_shim_include(const struct workspace *workspace);

typedef struct recipe recipe_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(recipe_t, recipe_free)

#endif
