/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_fixture - sources found and unpacked in a test's own workspace, tarballs of tiny trees
 */
#ifndef FINRIG_SOURCE_FIXTURE_H
#define FINRIG_SOURCE_FIXTURE_H

#include "error.h"
#include "kernel_fixture.h"
#include "source.h"

static inline struct source *find(struct fixture *fixture, const char *spec, GError **error)
{
	GError *why = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &why);

	g_assert_no_error(why);
	return source_find(kernel, &fixture->workspace, SOURCE_NETWORK, NULL, error);
}

/* Finds and unpacks; both must work. */
static inline struct source *get(struct fixture *fixture, const char *spec)
{
	GError *error = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &error);
	struct source *source = source_find(kernel, &fixture->workspace, SOURCE_NETWORK, NULL, &error);

	g_assert_no_error(error);
	source_unpack(source, kernel, &fixture->workspace, NULL, &error);
	g_assert_no_error(error);
	return source;
}

static inline void fails(struct fixture *fixture, const char *spec, int code, const char *expected)
{
	GError *error = NULL;

	g_assert_null(find(fixture, spec, &error));
	g_assert_error(error, FINRIG_ERROR, code);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
	g_clear_error(&error);
}

static inline const char *tarballs(const struct fixture *fixture)
{
	return fixture->workspace.tarball_dirs->pdata[0];
}

/* tarballs/linux-VERSION.tar.xz, and its SHA-256. */
static inline char *make_tarball(struct fixture *fixture, const char *release, const char *marker)
{
	g_autofree char *tree = g_build_filename(fixture->folder, "make", release, NULL);
	g_autofree char *command = g_strdup_printf("tar -C make -cJf tarballs/%s.tar.xz %s && sha256sum tarballs/%s.tar.xz | cut -c1-64", release,
						   release, release);

	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(tree, "marker", marker);
	return g_strchomp(fixture_shell(fixture->folder, command));
}

#endif
