/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_source - where sources come from that are no releases: packages, folders, repositories; and what is not there
 */
#include "source_fixture.h"

static void file_fails(struct fixture *fixture, const char *text, const char *expected)
{
	g_autofree char *file = g_build_filename(fixture->folder, "mine.kernel", NULL);

	fixture_write(fixture->folder, "mine.kernel", text);
	fails(fixture, file, FINRIG_ERROR_UNAVAILABLE, expected);
}

/* Said on the command line, what is not there is a slip of the user's; a kernel file may name what this machine lacks. */
static void test_absent(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *deb = g_strdup_printf("deb:%s/none.deb", fixture->folder), *image = g_strdup_printf("image:%s/none", fixture->folder);
	g_autofree char *tarball = g_strdup_printf("tarball:%s/none.tar.xz", fixture->folder);

	(void)data;
	fails(fixture, deb, FINRIG_ERROR_USAGE, "none.deb: no such file");
	fails(fixture, image, FINRIG_ERROR_USAGE, "none: no such file");
	fails(fixture, tarball, FINRIG_ERROR_USAGE, "none.tar.xz: no such file");
	file_fails(fixture, "[kernel]\ndeb = ./none.deb\n", "none.deb: no such file");
	file_fails(fixture, "[kernel]\nimage = none\n", "none: no such file");
	file_fails(fixture, "[kernel]\ntarball = ./none.tar.xz\n", "none.tar.xz: no such file");
	file_fails(fixture, "[kernel]\ntree = none\n", "none: no such folder");
	file_fails(fixture, "[kernel]\ngit = none\nref = v1\n", "none: no git repository");
}

/* The same for packages; apt-cache is one that knows none. */
static void test_unknown_package(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *path = g_strdup(g_getenv("PATH")), *first = g_strdup_printf("%s/bin:%s", fixture->folder, path);

	(void)data;
	fixture_write(fixture->folder, "bin/apt-cache", "#!/bin/sh\necho 'E: No packages found'\nexit 100\n");
	g_free(fixture_shell(fixture->folder, "chmod +x bin/apt-cache"));
	g_setenv("PATH", first, TRUE);
	fails(fixture, "deb:linux-image-misspelt", FINRIG_ERROR_USAGE, "apt knows no package linux-image-misspelt");
	file_fails(fixture, "[kernel]\ndeb = linux-image-misspelt\n", "apt knows no package linux-image-misspelt");
	g_setenv("PATH", path, TRUE);
}

static void test_no_bzimage(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *spec = g_strdup_printf("image:%s/text", fixture->folder), *text = g_strnfill(2000, 'x');

	(void)data;
	fixture_write(fixture->folder, "text", "short\n");
	fails(fixture, spec, FINRIG_ERROR_UNFIT, "text: this is no bzImage");
	fixture_write(fixture->folder, "text", text);
	fails(fixture, spec, FINRIG_ERROR_UNFIT, "text: this is no bzImage");
}

/* A tree that may not be written to is read all the same, and stays as it is; its content is who it is. */
static void test_read_only_tree(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *tree = g_build_filename(fixture->folder, "linux", NULL), *spec = g_strconcat("tree:", tree, NULL);
	g_autofree char *before = NULL, *after = NULL, *missing = g_strconcat(spec, "-not", NULL), *empty = NULL;
	g_autoptr(source_t) one = NULL, two = NULL, three = NULL;

	(void)data;
	fixture_tree(tree, FIXTURE_TUN);
	g_free(fixture_shell(fixture->folder, "chmod -R a-w linux"));
	before = fixture_shell(fixture->folder, "find linux -printf '%p %m %s %T@ %C@\\n' | sort");
	one = get(fixture, spec);
	two = get(fixture, spec);
	after = fixture_shell(fixture->folder, "find linux -printf '%p %m %s %T@ %C@\\n' | sort");
	g_assert_cmpstr(before, ==, after);
	g_assert_cmpstr(one->identity, ==, two->identity);
	g_free(fixture_shell(fixture->folder, "chmod -R u+w linux; echo changed >> linux/init/main.c"));
	three = get(fixture, spec);
	g_assert_cmpstr(one->identity, !=, three->identity);
	fails(fixture, missing, FINRIG_ERROR_USAGE, "no such folder");
	empty = g_strdup_printf("tree:%s", fixture->folder);
	fails(fixture, empty, FINRIG_ERROR_UNFIT, "no Linux source tree");
}

static gboolean tree_lists(const struct source *source, const char *name)
{
	for (guint i = 0; i < source->tree->files->len; i++)
		if (!strcmp(((struct tree_file *)source->tree->files->pdata[i])->path, name))
			return TRUE;
	return FALSE;
}

/* A tree that was built in place: its products are left out, by its own ignore rules. */
static void test_unclean_tree(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *tree = g_build_filename(fixture->folder, "linux", NULL), *spec = g_strconcat("tree:", tree, NULL), *before = NULL, *after = NULL;
	g_autoptr(source_t) source = NULL;

	(void)data;
	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(tree, ".gitignore", ".config\n*.o\n");
	fixture_write(tree, ".config", "CONFIG_X=y\n");
	fixture_write(tree, "init/main.o", "object");
	before = fixture_shell(fixture->folder, "find linux | sort");
	source = get(fixture, spec);
	after = fixture_shell(fixture->folder, "find linux | sort");
	g_assert_cmpstr(before, ==, after);
	g_assert_true(tree_lists(source, "init/main.c"));
	g_assert_false(tree_lists(source, "init/main.o"));
	g_assert_false(tree_lists(source, ".config"));
	g_assert_nonnull(strstr(fixture->told->str, "was built in place"));
}

static const char make_repository[] =
	"set -e; cd repo; git init -q -b main .; git config user.name t; git config user.email t@t; git add -A; git commit -qm one; git tag one;"
	"echo 'int two;' > init/main.c; rm marker; echo new > added; git add -A; git commit -qm two; echo dirty > dirty";

/* Two refs of one repository: each tree is right, the repository is as it was, and only what differs is written anew. */
static void test_git(struct fixture *fixture, gconstpointer data)
{
	static const char listing[] = "cd repo; git --no-optional-locks status --porcelain; git rev-parse HEAD; find . -printf '%p %s %T@ %C@\\n' | sort";
	g_autofree char *repo = g_build_filename(fixture->folder, "repo", NULL), *one = g_strdup_printf("git:%s@one", repo);
	g_autofree char *two = g_strdup_printf("git:%s@main", repo), *none = g_strdup_printf("git:%s@none", repo), *option = g_strdup_printf("git:%s@--all", repo);
	g_autofree char *before = NULL, *after = NULL, *first = NULL, *family = NULL, *nowhere = g_strdup_printf("git:%s@one", fixture->folder);
	struct source *source;

	(void)data;
	fixture_tree(repo, FIXTURE_TUN);
	fixture_write(repo, "marker", "one");
	g_free(fixture_shell(fixture->folder, make_repository));
	before = fixture_shell(fixture->folder, listing);
	source = get(fixture, one);
	first = g_strdup(source->identity);
	family = g_strdup(source->family);
	g_assert_true(fixture_has(source->directory, "marker"));
	g_assert_false(fixture_has(source->directory, "added"));
	g_free(fixture_shell(source->directory, "touch -d '2001-01-01' Makefile"));
	source_free(source);
	source = get(fixture, two);
	g_assert_cmpstr(source->identity, !=, first);
	g_assert_cmpstr(source->family, ==, family);
	g_assert_false(fixture_has(source->directory, "marker"));
	g_assert_false(fixture_has(source->directory, "dirty"));
	g_assert_true(fixture_has(source->directory, "added"));
	source_free(source);
	source = get(fixture, one);
	g_assert_cmpstr(source->identity, ==, first);
	g_assert_true(fixture_has(source->directory, "marker"));
	g_assert_false(fixture_has(source->directory, "added"));
	source_free(source);
	after = fixture_shell(fixture->folder, listing);
	g_assert_cmpstr(before, ==, after);
	fails(fixture, none, FINRIG_ERROR_USAGE, "has no ref none");
	fails(fixture, option, FINRIG_ERROR_USAGE, "has no ref --all");
	fails(fixture, nowhere, FINRIG_ERROR_USAGE, "no git repository");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/source/absent", test_absent);
	FIXTURE_TEST("/source/unknown-package", test_unknown_package);
	FIXTURE_TEST("/source/no-bzimage", test_no_bzimage);
	FIXTURE_TEST("/source/read-only-tree", test_read_only_tree);
	FIXTURE_TEST("/source/unclean-tree", test_unclean_tree);
	FIXTURE_TEST("/source/git", test_git);
	return g_test_run();
}
