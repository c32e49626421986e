/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_suite - which files a script takes along into the guest, and where they are there
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "error.h"
#include "suite.h"

static char *folder;

static void put(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL), *above = g_path_get_dirname(path);

	g_mkdir_with_parents(above, 0777);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_chmod(path, g_str_has_suffix(name, ".sh") ? 0755 : 0644);
}

/* The pack of a script, read from the suite below root ("": given alone). */
static char *pack(const char *script, const char *root, char **where, GError **error)
{
	g_autofree char *path = g_build_filename(folder, script, NULL), *suite = g_build_filename(folder, root, NULL);
	g_autoptr(test_case_t) test_case = case_read(path, *root ? suite : NULL, error);
	g_autoptr(GString) job = g_string_new(NULL);

	g_assert_nonnull(test_case);
	return suite_pack(test_case, job, where, error) ? g_strdup(job->str) : NULL;
}

static void test_nothing_called(void)
{
	g_autofree char *where = NULL, *text = NULL;

	put("s/tcp/plain.pkt", "// a/b is no file\n0 `sysctl -q net/ipv4/tcp_sack=1`\n");
	put("s/tcp/big.bin", "not asked for");
	text = pack("s/tcp/plain.pkt", "s", &where, NULL);
	g_assert_cmpstr(text, ==, "");
	g_assert_null(where);
}

static void test_of_the_suite(void)
{
	g_autofree char *where = NULL, *text = NULL;

	put("s/common/defaults.sh", "#!/bin/bash\n");
	put("s/.git/config", "hidden");
	put("s/tcp/one.pkt", "`../common/defaults.sh`\n");
	text = pack("s/tcp/one.pkt", "s", &where, NULL);
	g_assert_cmpstr(where, ==, "/case/tcp");
	g_assert_cmpstr(text, ==, "755 12 /case/common/defaults.sh\n#!/bin/bash\n644 13 /case/tcp/big.bin\nnot asked for");
}

/* The suite is a folder of a larger one, and a script given alone brings the folder of what it calls. */
static void test_above_the_suite(void)
{
	g_autofree char *where = NULL, *alone = NULL, *text = NULL;

	put("s/net/tcp/close/two.pkt", "`../../../common/defaults.sh`\n");
	text = pack("s/net/tcp/close/two.pkt", "s/net/tcp", &where, NULL);
	g_assert_cmpstr(where, ==, "/case/net/tcp/close");
	g_assert_cmpstr(text, ==, "755 12 /case/common/defaults.sh\n#!/bin/bash\n");
	alone = pack("s/tcp/one.pkt", "", &where, NULL);
	g_assert_cmpstr(alone, ==, "755 12 /case/common/defaults.sh\n#!/bin/bash\n");
}

static void test_too_large(void)
{
	g_autofree char *where = NULL, *large = g_strnfill(SUITE_MAX_BYTES, 'x'), *text = NULL;
	g_autoptr(GError) error = NULL;

	put("l/run.sh", "#!/bin/sh\n");
	put("l/large", large);
	put("l/three.pkt", "`./run.sh`\n");
	text = pack("l/three.pkt", "l", &where, &error);
	g_assert_null(text);
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "more than 8 MiB"));
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("finrig-suite-XXXXXX", NULL);
	g_test_add_func("/suite/nothing-called", test_nothing_called);
	g_test_add_func("/suite/of-the-suite", test_of_the_suite);
	g_test_add_func("/suite/above-the-suite", test_above_the_suite);
	g_test_add_func("/suite/too-large", test_too_large);
	status = g_test_run();
	g_spawn_sync(NULL, (char *[]){ (char *)"rm", (char *)"-r", folder, NULL }, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	return status;
}
