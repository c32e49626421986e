/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_kernel - kernel files and specs: what they say, and what is said of bad ones
 */
#include "kernel.h"

#include "error.h"
#include "kernel_fixture.h"

static struct kernel *read_ok(struct fixture *fixture, const char *spec)
{
	GError *error = NULL;
	struct kernel *kernel = kernel_new(&fixture->workspace, spec, &error);

	g_assert_no_error(error);
	return kernel;
}

/* Every kernel file of the checkout, and what each founding case is to come out as: the table of docs/kernels. */
static void expects_buggy(gpointer test_case, gpointer outcome, gpointer data)
{
	(void)data;
	g_assert_cmpstr(test_case, !=, "*");
	g_assert_cmpstr(outcome, ==, "buggy");
}

static void test_all_files(struct fixture *fixture, gconstpointer data)
{
	static const char *const buggy[] = {
		"debian-5.10-mutant", "debian-6.1-mutant", "debian-6.12-mutant", "source-6.1-mutant", "linux-2.6.32", "linux-2.6.33.2", "linux-3.16", NULL,
	};
	g_autoptr(GPtrArray) names = kernel_names(&fixture->workspace, NULL);
	guint buggy_count = 0;

	(void)data;
	g_assert_cmpuint(names->len, >=, 20);
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(kernel_t) kernel = read_ok(fixture, names->pdata[i]);
		gboolean is_buggy = g_strv_contains(buggy, kernel->name);

		buggy_count += is_buggy;
		g_assert_cmpstr(kernel->name, ==, names->pdata[i]);
		g_assert_nonnull(kernel->title);
		g_assert_nonnull(kernel->why);
		/* What else is wrong on purpose is judged by the kill table; its file says at most on which cases it was seen BUGGY. */
		if (kernel_key(kernel, "mutant-of") && !is_buggy) {
			g_hash_table_foreach(kernel->expect, expects_buggy, NULL);
			g_assert_cmpuint(g_hash_table_size(kernel->predicted), ==, 0);
			continue;
		}
		g_assert_cmpstr(kernel_expectation(kernel, "closing-fin-retransmit"), ==, is_buggy ? "buggy" : "fixed");
		g_assert_cmpstr(kernel_expectation(kernel, "closing-fin-drained"), ==, "fixed");
		g_assert_cmpstr(kernel_expectation(kernel, "close-wait-held"), ==, "fixed");
	}
	g_assert_cmpuint(buggy_count, ==, g_strv_length((char **)buggy));
}

static guint position(GPtrArray *names, const char *name)
{
	guint index = 0;

	g_assert_true(g_ptr_array_find_with_equal_func(names, name, g_str_equal, &index));
	return index;
}

static void test_order(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) names = kernel_names(&fixture->workspace, NULL);

	(void)data;
	g_assert_cmpuint(position(names, "linux-2.6.34"), <, position(names, "linux-3.2"));
	g_assert_cmpuint(position(names, "linux-3.2"), <, position(names, "linux-3.10"));
	g_assert_cmpuint(position(names, "linux-3.9.6"), <, position(names, "linux-3.10"));
}

static void test_specs(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(kernel_t) tree = read_ok(fixture, "tree:/path/to/linux,patches=tun-orphan.sed:a.patch,expect=fixed,expect.one=buggy,"
							 "expect.two=buggy (predicted)");
	g_autoptr(kernel_t) guess = read_ok(fixture, "tree:/x,expect=fixed (predicted),expect.seen=fixed");
	g_autoptr(kernel_t) git = read_ok(fixture, "git:/some/user@host/repo@v6.1-rc1,name=my");
	g_autoptr(kernel_t) head = read_ok(fixture, "git:/some/repo");
	g_autoptr(kernel_t) image = read_ok(fixture, "image:/path/bzImage,modules=a.ko:b.ko");
	g_autoptr(kernel_t) deb = read_ok(fixture, "deb:linux-image-cloud-amd64");
	g_autoptr(kernel_t) tarball = read_ok(fixture, "tarball:linux-3.2.tar.xz");
	g_auto(GStrv) patches = kernel_list(tree, "patches"), modules = kernel_list(image, "modules"), none = kernel_list(deb, "modules");

	(void)data;
	g_assert_cmpint(tree->kind, ==, KERNEL_TREE);
	g_assert_cmpstr(tree->where, ==, "/path/to/linux");
	g_assert_cmpstr(tree->name, ==, "linux");
	g_assert_cmpstr(patches[0], ==, "tun-orphan.sed");
	g_assert_cmpstr(patches[1], ==, "a.patch");
	g_assert_null(patches[2]);
	g_assert_cmpstr(kernel_expectation(tree, "one"), ==, "buggy");
	g_assert_cmpstr(kernel_expectation(tree, "other"), ==, "fixed");
	g_assert_false(kernel_expectation_is_predicted(tree, "one"));
	g_assert_cmpstr(kernel_expectation(tree, "two"), ==, "buggy");
	g_assert_true(kernel_expectation_is_predicted(tree, "two"));
	g_assert_false(kernel_expectation_is_predicted(tree, "other"));
	g_assert_true(kernel_expectation_is_predicted(guess, "other"));
	g_assert_false(kernel_expectation_is_predicted(guess, "seen"));
	g_assert_cmpint(git->kind, ==, KERNEL_GIT);
	g_assert_cmpstr(git->where, ==, "/some/user@host/repo");
	g_assert_cmpstr(kernel_key(git, "ref"), ==, "v6.1-rc1");
	g_assert_cmpstr(git->name, ==, "my");
	g_assert_null(kernel_expectation(git, "one"));
	g_assert_null(kernel_key(head, "ref"));
	g_assert_cmpint(image->kind, ==, KERNEL_IMAGE);
	g_assert_cmpuint(g_strv_length(modules), ==, 2);
	g_assert_cmpint(deb->kind, ==, KERNEL_DEB);
	g_assert_cmpstr(deb->where, ==, "linux-image-cloud-amd64");
	g_assert_cmpuint(g_strv_length(none), ==, 0);
	g_assert_cmpint(tarball->kind, ==, KERNEL_TARBALL);
	g_assert_cmpstr(tarball->where, ==, "linux-3.2.tar.xz");
}

/* Names become folders in results/: nothing that leads elsewhere, not too long, and never the same for two long specs. */
static void test_names(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *deep = g_strnfill(300, 'd'), *one = g_strdup_printf("tree:/x/%s-one", deep), *two = g_strdup_printf("tree:/x/%s-two", deep);
	g_autoptr(kernel_t) first = read_ok(fixture, one), second = read_ok(fixture, two), dots = read_ok(fixture, "deb:../x.deb");

	(void)data;
	g_assert_cmpuint(strlen(first->name), <=, 80);
	g_assert_cmpstr(first->name, !=, second->name);
	g_assert_null(strchr(dots->name, '/'));
	g_assert_cmpint(*dots->name, !=, '.');
}

/* A kernel that is given no name has that of its folder, file, package or ref. */
static void test_short_names(struct fixture *fixture, gconstpointer data)
{
	static const char *const samples[][2] = {
		{"tree:/home/u/linux/", "linux"},
		{"tree:/home/u/linux,patches=a.patch", "linux"},
		{"tree:/", "-"},
		{"git:/home/u/repo@v6.1", "repo-v6.1"},
		{"git:/home/u/repo", "repo"},
		{"git:/home/u/linux.git@origin/main", "linux-origin-main"},
		{"git:/home/u/linux/.git@v2", "linux-v2"},
		{"image:x/bzImage", "bzImage"},
		{"deb:linux-image-cloud-amd64", "linux-image-cloud-amd64"},
		{"deb:linux-image=6.1.1-1", "linux-image-6.1.1-1"},
		{"deb:/home/u/linux-image_1_amd64.deb", "linux-image_1_amd64"},
		{"tarball:linux-3.2", "linux-3.2"},
		{"tarball:/home/u/linux-3.2.tar.xz", "linux-3.2"},
		{"tree:/home/u/linux,name=mine", "mine"},
		{"tree:/home/u/.hidden", "-hidden"},
	};

	(void)data;
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(kernel_t) kernel = read_ok(fixture, samples[i][0]);

		g_assert_cmpstr(kernel->name, ==, samples[i][1]);
	}
}

/* Relative paths start where finrig was called, or at the kernel file; our own patches go by name. */
static void test_paths(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *file = g_build_filename(fixture->folder, "mine.kernel", NULL), *own = NULL, *ours = NULL, *wanted = NULL, *place = NULL;
	g_autoptr(kernel_t) kernel = NULL;

	(void)data;
	fixture_write(fixture->folder, "mine.kernel", "# mine\n[kernel]\ntree = linux\npatches = fix.patch\n");
	kernel = read_ok(fixture, file);
	g_assert_cmpstr(kernel->name, ==, "mine");
	place = g_build_filename(fixture->folder, "linux", NULL);
	g_assert_cmpstr(kernel->where, ==, place);
	own = kernel_path(kernel, &fixture->workspace, "patches", "fix.patch");
	wanted = g_build_filename(fixture->folder, "fix.patch", NULL);
	g_assert_cmpstr(own, ==, wanted);
	ours = kernel_path(kernel, &fixture->workspace, "patches", "tun-orphan.sed");
	g_assert_true(g_str_has_suffix(ours, "kernels/patches/tun-orphan.sed"));
}

static void complains(struct fixture *fixture, const char *spec, const char *expected)
{
	GError *error = NULL;

	g_assert_null(kernel_new(&fixture->workspace, spec, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	if (!strstr(error->message, expected))
		g_error("%s: \"%s\" lacks \"%s\"", spec, error->message, expected);
	g_clear_error(&error);
}

/* A bisection's kernels: the base's patches and config at another place, none of what was expected of it. */
static void test_variants(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(kernel_t) base = read_ok(fixture, "source-6.1-mutant"), variant = kernel_variant(base, "one"), bare = kernel_variant(NULL, "two");
	g_autoptr(kernel_t) again = NULL;
	g_auto(GStrv) of_base = kernel_patches(base, &fixture->workspace), all = NULL;

	(void)data;
	kernel_add_patch(variant, "/my patches/a:b;c,d/fix.patch");
	again = kernel_variant(variant, "three");
	kernel_add_patch(again, "/tmp/more.patch");
	all = kernel_patches(again, &fixture->workspace);
	g_assert_cmpuint(g_strv_length(of_base), ==, 1);
	g_assert_cmpuint(g_strv_length(all), ==, 3);
	g_assert_cmpstr(all[0], ==, of_base[0]);
	g_assert_cmpstr(all[1], ==, "/my patches/a:b;c,d/fix.patch");
	g_assert_cmpstr(all[2], ==, "/tmp/more.patch");
	g_assert_cmpint(variant->kind, ==, KERNEL_DEB);
	kernel_set_git(variant, "/repository", "abc");
	g_assert_cmpint(variant->kind, ==, KERNEL_GIT);
	g_assert_cmpstr(variant->where, ==, "/repository");
	g_assert_cmpstr(kernel_key(variant, "ref"), ==, "abc");
	g_assert_null(kernel_key(variant, "deb"));
	g_assert_null(kernel_expectation(variant, "closing-fin-retransmit"));
	g_assert_cmpint(bare->kind, ==, KERNEL_GIT);
	g_assert_cmpuint(bare->further->len, ==, 0);
	g_assert_cmpstr(kernel_swap_file("/a:b/:drivers/net/tun.c"), ==, "drivers/net/tun.c");
	g_assert_null(kernel_swap_file("tun.c"));
}

static void test_bad_specs(struct fixture *fixture, gconstpointer data)
{
	(void)data;
	complains(fixture, "no-such-kernel", "finrig kernels");
	complains(fixture, "../kernels/debian-6.1", "no such kernel");
	complains(fixture, "tree:", "nothing after tree:");
	complains(fixture, "tree:/x,", ": expected key=value");
	complains(fixture, "tree:/x,patches", "patches: expected key=value");
	complains(fixture, "tree:/x,colour=red", "unknown key colour");
	complains(fixture, "tree:/x,patches=", "patches has no value");
	complains(fixture, "tree:/x,expect=maybe", "expected buggy or fixed");
	complains(fixture, "tree:/x,shift=11", "shift = 11: expected a number from 0 to 10");
	complains(fixture, "tree:/x,shift=-1", "shift = -1: expected a number from 0 to 10");
	complains(fixture, "tree:/x,shift=3x", "shift = 3x: expected a number from 0 to 10");
	complains(fixture, "deb:x,suite=../y", "suite = ../y: expected the name of a Debian release");
	complains(fixture, "tree:/x,suite=sid", "suite");
	complains(fixture, "tree:/x,expect=(predicted)", "expected buggy or fixed, with (predicted) behind it");
	complains(fixture, "tree:/x,expect=buggy (seen)", "expected buggy or fixed");
	complains(fixture, "tree:/x,tree=/y", "tree is given twice");
	complains(fixture, "tree:/x,deb=y", "several sources");
	complains(fixture, "tree:/x,sha256=00", "sha256 means nothing for a kernel from tree");
	complains(fixture, "image:/x,patches=a.sed", "patches means nothing for a kernel from image");
	complains(fixture, "git:/x@", "git:REPOSITORY@REF");
	complains(fixture, "git:https://host/x@v1", "clone it first");
	complains(fixture, "tree:/x,name=a/b", "expected only letters");
}

static void test_bad_files(struct fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *text, *expected;
	} samples[] = {
		{"tree = /x\n", "bad.kernel: "},
		{"[kernel]\ntitle = x\n", "no source"},
		{"[kernel]\ntree = /x\n\nexpect.one = perhaps\n", "bad.kernel:4: "},
		{"[kernel]\ntree = /x\ntree = /y\n", "bad.kernel:3: tree is given twice"},
		{"[kernel]\n# tree = /x\ntree = /x\ncolor = red\n", "bad.kernel:4: unknown key color"},
		{"[kernel]\ntree = /x\n[more]\na = b\n", "one group [kernel]"},
		{"[kernel]\ntree = /x\nname = other\n", "bad.kernel:3: "},
		{"[kernel]\ntree = /x\nwhy = a\\qb\n", "bad.kernel:3: "},
		{"", "bad.kernel: "},
	};
	g_autofree char *file = g_build_filename(fixture->folder, "bad.kernel", NULL);

	(void)data;
	complains(fixture, file, "bad.kernel");
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		fixture_write(fixture->folder, "bad.kernel", samples[i].text);
		complains(fixture, file, samples[i].expected);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/kernel/all-files", test_all_files);
	FIXTURE_TEST("/kernel/order", test_order);
	FIXTURE_TEST("/kernel/specs", test_specs);
	FIXTURE_TEST("/kernel/names", test_names);
	FIXTURE_TEST("/kernel/short-names", test_short_names);
	FIXTURE_TEST("/kernel/paths", test_paths);
	FIXTURE_TEST("/kernel/variants", test_variants);
	FIXTURE_TEST("/kernel/bad-specs", test_bad_specs);
	FIXTURE_TEST("/kernel/bad-files", test_bad_files);
	return g_test_run();
}
