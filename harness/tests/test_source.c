/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_source - where sources come from, without a kernel and without a network: tiny trees, a mirror on the loopback
 */
#include "source.h"

#include "error.h"
#include "http_fixture.h"
#include "kernel_fixture.h"
#include "source_fetch.h"

static struct source *find(struct fixture *fixture, const char *spec, GError **error)
{
	GError *why = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &why);

	g_assert_no_error(why);
	return source_find(kernel, &fixture->workspace, SOURCE_NETWORK, NULL, error);
}

/* Finds and unpacks; both must work. */
static struct source *get(struct fixture *fixture, const char *spec)
{
	GError *error = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, spec, &error);
	struct source *source = source_find(kernel, &fixture->workspace, SOURCE_NETWORK, NULL, &error);

	g_assert_no_error(error);
	source_unpack(source, kernel, &fixture->workspace, NULL, &error);
	g_assert_no_error(error);
	return source;
}

static void fails(struct fixture *fixture, const char *spec, int code, const char *expected)
{
	GError *error = NULL;

	g_assert_null(find(fixture, spec, &error));
	g_assert_error(error, FINRIG_ERROR, code);
	if (!strstr(error->message, expected))
		g_error("\"%s\" lacks \"%s\"", error->message, expected);
	g_clear_error(&error);
}

static const char *tarballs(const struct fixture *fixture)
{
	return fixture->workspace.tarball_dirs->pdata[0];
}

/* tarballs/linux-VERSION.tar.xz, and its SHA-256. */
static char *make_tarball(struct fixture *fixture, const char *release, const char *marker)
{
	g_autofree char *tree = g_build_filename(fixture->folder, "make", release, NULL);
	g_autofree char *command = g_strdup_printf("tar -C make -cJf tarballs/%s.tar.xz %s && sha256sum tarballs/%s.tar.xz | cut -c1-64", release,
						   release, release);

	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(tree, "marker", marker);
	return g_strchomp(fixture_shell(fixture->folder, command));
}

static void test_local_tarball(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one"), *marker = NULL, *pinned = NULL, *again = NULL, *cure = NULL;
	g_autoptr(source_t) source = get(fixture, "tarball:linux-2.6.99");

	(void)data;
	g_assert_cmpstr(source->identity, ==, sum);
	g_assert_cmpstr(source->label, ==, "linux-2.6.99.tar.xz");
	marker = fixture_read(source->directory, "marker");
	g_assert_cmpstr(marker, ==, "one");
	g_assert_nonnull(strstr(fixture->told->str, "not checked against kernel.org's list"));
	pinned = fixture_read(fixture->workspace.cache, "source/pins/linux-2.6.99.tar.xz");
	g_assert_true(g_str_has_prefix(pinned, sum));
	/* The same name with another content is not the same release. */
	again = make_tarball(fixture, "linux-2.6.99", "two");
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_USAGE, sum);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_USAGE, again);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_USAGE, "source/pins/linux-2.6.99.tar.xz says");
	cure = g_strdup_printf("; if this file is the right one, remove %s/source/pins/linux-2.6.99.tar.xz", fixture->workspace.cache);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_USAGE, cure);
	g_free(fixture_shell(fixture->workspace.cache, "rm source/pins/linux-2.6.99.tar.xz"));
	g_clear_pointer(&source, source_free);
	source = get(fixture, "tarball:linux-2.6.99");
	g_assert_cmpstr(source->identity, ==, again);
}

/* What cannot be unpacked is no release that was seen: the whole file in its place serves. */
static void test_truncated_tarball(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one");
	GError *error = NULL;
	g_autoptr(kernel_t) kernel = kernel_new(&fixture->workspace, "tarball:linux-2.6.99", NULL);
	g_autoptr(source_t) source = NULL, whole = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, "mv tarballs/linux-2.6.99.tar.xz whole; head -c 400 whole > tarballs/linux-2.6.99.tar.xz"));
	source = source_find(kernel, &fixture->workspace, SOURCE_NETWORK, NULL, &error);
	g_assert_no_error(error);
	g_assert_false(source_unpack(source, kernel, &fixture->workspace, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_clear_error(&error);
	g_assert_false(fixture_has(fixture->workspace.cache, "source/pins/linux-2.6.99.tar.xz"));
	g_free(fixture_shell(fixture->folder, "cp whole tarballs/linux-2.6.99.tar.xz"));
	whole = get(fixture, "tarball:linux-2.6.99");
	g_assert_cmpstr(whole->identity, ==, sum);
	g_assert_true(fixture_has(fixture->workspace.cache, "source/pins/linux-2.6.99.tar.xz"));
}

/* A file in the folder that finrig is called in needs no `./`. */
static void test_tarball_here(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one"), *here = g_get_current_dir();
	g_autoptr(source_t) release = NULL, own = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, "mkdir here; mv tarballs/linux-2.6.99.tar.xz here; cp here/linux-2.6.99.tar.xz here/my-own.tar.xz; cd here; ln -s . linux-2.6.98"));
	g_assert_cmpint(g_chdir(fixture->folder) + g_chdir("here"), ==, 0);
	release = get(fixture, "tarball:linux-2.6.99.tar.xz");
	own = get(fixture, "tarball:my-own.tar.xz");
	fails(fixture, "tarball:linux-2.6.98", FINRIG_ERROR_UNAVAILABLE, "linux-2.6.98.tar.xz cannot be fetched (");
	g_assert_cmpint(g_chdir(here), ==, 0);
	g_assert_cmpstr(release->identity, ==, sum);
	g_assert_cmpstr(own->label, ==, "my-own.tar.xz");
}

static void test_given_checksum(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one"), *right = g_strdup_printf("tarball:2.6.99,sha256=%s", sum);
	g_autofree char *wrong_sum = g_strnfill(64, 'a'), *wrong = g_strdup_printf("tarball:2.6.99,sha256=%s", wrong_sum);
	g_autoptr(source_t) source = find(fixture, right, NULL);

	(void)data;
	g_assert_nonnull(source);
	g_assert_null(strstr(fixture->told->str, "not checked"));
	fails(fixture, wrong, FINRIG_ERROR_USAGE, wrong_sum);
	fails(fixture, wrong, FINRIG_ERROR_USAGE, sum);
}

/* Once seen, a release needs neither its tarball nor a network to be known; unpacked once, it is not unpacked again. */
static void test_offline(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one");
	g_autoptr(source_t) first = get(fixture, "tarball:linux-2.6.99"), second = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, "rm tarballs/*"));
	second = get(fixture, "tarball:linux-2.6.99");
	g_assert_cmpstr(second->identity, ==, sum);
	g_assert_cmpstr(second->directory, ==, first->directory);
}

static void test_bad_tarballs(struct fixture *fixture, gconstpointer data)
{
	GError *error = NULL;
	g_autoptr(kernel_t) hostile = NULL, damaged = NULL, other = NULL;
	g_autoptr(source_t) source = NULL;

	(void)data;
	g_free(make_tarball(fixture, "linux-2.6.97", "x"));
	g_free(fixture_shell(fixture->folder, "head -c 600 tarballs/linux-2.6.97.tar.xz > tarballs/linux-2.6.98.tar.xz; rm tarballs/linux-2.6.97.tar.xz;"
			     "mkdir -p a/linux-1.1/b; echo evil > a/evil; cd a; tar -cPf ../tarballs/linux-2.6.96.tar --transform 's,^evil,linux-1.1/../../evil,' linux-1.1 evil;"
			     "gzip ../tarballs/linux-2.6.96.tar; echo x > linux-1.1/x; tar -czf ../tarballs/linux-2.6.95.tar.gz linux-1.1"));
	damaged = kernel_new(&fixture->workspace, "tarball:linux-2.6.98", NULL);
	source = source_find(damaged, &fixture->workspace, SOURCE_NETWORK, NULL, &error);
	g_assert_no_error(error);
	g_assert_false(source_unpack(source, damaged, &fixture->workspace, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "linux-2.6.98.tar.xz: cannot be unpacked"));
	g_clear_error(&error);
	g_clear_pointer(&source, source_free);

	hostile = kernel_new(&fixture->workspace, "tarball:linux-2.6.96", NULL);
	source = source_find(hostile, &fixture->workspace, SOURCE_NETWORK, NULL, &error);
	g_assert_false(source_unpack(source, hostile, &fixture->workspace, NULL, &error));
	g_assert_nonnull(strstr(error->message, "leads out of it"));
	g_assert_false(fixture_has(fixture->workspace.cache, "evil"));
	g_assert_false(fixture_has(fixture->workspace.cache, "source/evil"));
	g_clear_error(&error);
	g_clear_pointer(&source, source_free);

	other = kernel_new(&fixture->workspace, "tarball:linux-2.6.95", NULL);
	source = source_find(other, &fixture->workspace, SOURCE_NETWORK, NULL, &error);
	g_assert_false(source_unpack(source, other, &fixture->workspace, NULL, &error));
	g_assert_nonnull(strstr(error->message, "no Linux source tree"));
	g_clear_error(&error);
	g_assert_cmpstr(g_strstrip(fixture_shell(fixture->workspace.cache, "ls source | grep tmp || true")), ==, "");
	fails(fixture, "tarball:two-point-six", FINRIG_ERROR_USAGE, "expected a release such as");
}

/* Not even a link inside the archive leads what follows out of it. */
static void test_link_tarball(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *into = g_build_filename(fixture->folder, "into", NULL), *file = g_build_filename(fixture->folder, "link.tar", NULL);
	struct unpack unpack = {.file = file};
	GError *error = NULL;

	(void)data;
	g_free(fixture_shell(fixture->folder, "mkdir into out; ln -s ../out door; tar -cf link.tar door; rm door; mkdir door; echo evil > door/evil;"
			     "tar -rf link.tar door/evil"));
	g_assert_false(unpack_into(&unpack, into, NULL, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_clear_error(&error);
	g_assert_false(fixture_has(fixture->folder, "out/evil"));
}

static void test_unpacked_folder(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *tree = g_build_filename(tarballs(fixture), "linux-2.6.99", NULL);
	g_autoptr(source_t) source = NULL;

	(void)data;
	fixture_tree(tree, FIXTURE_TUN);
	source = get(fixture, "tarball:linux-2.6.99");
	g_assert_cmpstr(source->directory, ==, tree);
	g_assert_false(source->lasting);
	g_assert_nonnull(source->tree);
}

static void test_stand_in(struct fixture *fixture, gconstpointer data)
{
	g_autoptr(source_t) source = NULL;

	(void)data;
	g_free(make_tarball(fixture, "linux-2.6.99.2", "two"));
	g_free(make_tarball(fixture, "linux-2.6.99.10", "ten"));
	source = find(fixture, "tarball:linux-2.6.99,also=linux-2.6.99.*", NULL);
	g_assert_nonnull(source);
	g_assert_cmpstr(source->label, ==, "linux-2.6.99.10.tar.xz");
	g_assert_nonnull(strstr(fixture->told->str, "stands in for linux-2.6.99"));
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_UNAVAILABLE, "linux-2.6.99.tar.xz cannot be fetched (");
}

/* What lies beside a tarball and is none does not hide it. */
static void test_stand_in_beside_others(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *copy = g_build_filename(tarballs(fixture), "linux-2.6.99.2-build", NULL);
	g_autoptr(source_t) source = NULL;

	(void)data;
	g_free(make_tarball(fixture, "linux-2.6.99.2", "two"));
	fixture_tree(copy, FIXTURE_TUN);
	g_free(fixture_shell(fixture->folder, "cd tarballs; touch linux-2.6.99.2.tar.sign linux-2.6.99.3.tar.xz.part linux-2.6.99.4.tar; mkdir linux-2.6.99.5"));
	source = find(fixture, "tarball:linux-2.6.99,also=linux-2.6.99.*", NULL);
	g_assert_nonnull(source);
	g_assert_cmpstr(source->label, ==, "linux-2.6.99.2.tar.xz");
}

/* One in the cache will do as well, for a release that is out of reach; a folder that finrig unpacked itself is not taken for one. */
static void test_stand_in_of_cache(struct fixture *fixture, gconstpointer data)
{
	static const char spec[] = "tarball:linux-2.6.99,also=linux-2.6.99.*";
	g_autoptr(source_t) source = NULL, again = NULL;

	(void)data;
	g_free(make_tarball(fixture, "linux-2.6.99.2", "two"));
	g_free(fixture_shell(fixture->folder, "mkdir -p cache/source; mv tarballs/* cache/source"));
	source = get(fixture, spec);
	g_assert_cmpstr(source->label, ==, "linux-2.6.99.2.tar.xz");
	again = get(fixture, spec);
	g_assert_cmpstr(again->label, ==, "linux-2.6.99.2.tar.xz");
}

/* --tarballs with a folder that is no tree but absent; and with one that is the tree itself. */
static void test_tarball_folders(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *tree = g_build_filename(fixture->folder, "any-name", NULL), *absent = g_build_filename(fixture->folder, "absent", NULL);
	g_autofree char *message = g_strconcat(absent, ": no such folder (--tarballs", NULL);
	g_autoptr(source_t) source = NULL, other = NULL, stand_in = NULL;

	(void)data;
	fixture_tree(tree, FIXTURE_TUN);
	fixture_write(tree, "Makefile", "# SPDX\nVERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 32\nEXTRAVERSION = .2\nNAME = Man-Eating Seals\n");
	g_ptr_array_add(fixture->workspace.tarball_dirs, g_strdup(tree));
	source = get(fixture, "tarball:linux-2.6.32.2");
	g_assert_cmpstr(source->directory, ==, tree);
	stand_in = get(fixture, "tarball:linux-2.6.32,also=linux-2.6.32.*");
	g_assert_cmpstr(stand_in->directory, ==, tree);
	fails(fixture, "tarball:linux-2.6.32", FINRIG_ERROR_UNAVAILABLE, "cannot be fetched (");
	fixture_write(tree, "Makefile", "VERSION = 3\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION =\n");
	other = get(fixture, "tarball:linux-3.2");
	g_assert_cmpstr(other->directory, ==, tree);
	fixture_write(tree, "Makefile", "VERSION = 3\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION = -rc7\n");
	fails(fixture, "tarball:linux-3.2", FINRIG_ERROR_UNAVAILABLE, "cannot be fetched (");
	g_ptr_array_add(fixture->workspace.tarball_dirs, g_strdup(absent));
	fails(fixture, "tarball:linux-2.6.32", FINRIG_ERROR_USAGE, message);
}

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
	fails(fixture, spec, FINRIG_ERROR_USAGE, "text: this is no bzImage");
	fixture_write(fixture->folder, "text", text);
	fails(fixture, spec, FINRIG_ERROR_USAGE, "text: this is no bzImage");
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
	fails(fixture, empty, FINRIG_ERROR_USAGE, "no Linux source tree");
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

/* Out of reach: said with the file, the reason and the way out; asked once, however many kernels want something. */
static void test_no_network(struct fixture *fixture, gconstpointer data)
{
	gint64 start_us = g_get_monotonic_time();
	g_autofree char *why = NULL, *tail = NULL;

	(void)data;
	tail = g_strdup_printf("); put it in %s/source/ or pass --tarballs DIR", fixture->workspace.cache);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_UNAVAILABLE, "linux-2.6.99.tar.xz cannot be fetched (");
	fails(fixture, "tarball:linux-3.9.99", FINRIG_ERROR_UNAVAILABLE, tail);
	g_assert_false(fetch_reachable(&fixture->workspace, &why));
	g_assert_nonnull(why);
	g_assert_cmpint(g_get_monotonic_time() - start_us, <, (FETCH_CONNECT_SECONDS + 1) * G_USEC_PER_SEC);
}

/* A signed list of checksums beside the tarballs of mirror/v2.6, by a key of the test's own. */
static gboolean make_mirror(struct fixture *fixture, struct http_fixture *http, const char *list_command)
{
	g_autofree char *folder = g_build_filename(fixture->folder, "mirror", NULL), *keyring = g_build_filename(fixture->folder, "keys.gpg", NULL);
	g_autofree char *gpg = g_find_program_in_path("gpg"), *gpgv = g_find_program_in_path("gpgv"), *command = NULL;

	if (!gpg || !gpgv) {
		g_test_skip("[gpg] gpg and gpgv are not installed");
		return FALSE;
	}
	command = g_strdup_printf(
		"set -e; mkdir -p mirror/v2.6; mv tarballs/* mirror/v2.6/; cd mirror/v2.6; sha256sum linux-* > ../../sums; cd ../..; %s;"
		"mkdir -m 700 gpg; "
		"gpg --batch --quiet --homedir gpg --passphrase '' --quick-gen-key signer@example.org rsa2048 sign never 2>&1;"
		"gpg --batch --quiet --homedir gpg --clearsign -o mirror/v2.6/sha256sums.asc sums; gpg --batch --homedir gpg --export -o keys.gpg;"
		"gpgconf --homedir gpg --kill all", list_command);
	g_free(fixture_shell(fixture->folder, command));
	http_fixture_start(http, folder);
	g_free(fixture->workspace.mirror);
	fixture->workspace.mirror = g_strdup(http->url);
	g_setenv("FINRIG_KEYRING", keyring, TRUE);
	return TRUE;
}

static void test_fetch(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one"), *marker = NULL;
	struct http_fixture http;
	g_autoptr(source_t) source = NULL;
	gint requests;

	(void)data;
	if (!make_mirror(fixture, &http, "true"))
		return;
	source = get(fixture, "tarball:linux-2.6.99");
	marker = fixture_read(source->directory, "marker");
	g_assert_cmpstr(marker, ==, "one");
	g_assert_cmpstr(source->identity, ==, sum);
	requests = http.requests;
	g_clear_pointer(&source, source_free);
	source = get(fixture, "tarball:linux-2.6.99");
	g_assert_cmpint(http.requests, ==, requests); /* everything is at hand now */
	fails(fixture, "tarball:linux-2.6.11", FINRIG_ERROR_UNAVAILABLE, "the mirror has no such release");
	http_fixture_stop(&http);
}

/* A download that broke off goes on; one that goes on from what was never the start of the file is begun anew. */
static void test_resume(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one"), *kept = NULL;
	struct http_fixture http;
	g_autoptr(source_t) source = NULL;

	(void)data;
	if (!make_mirror(fixture, &http, "mkdir -p cache/source; head -c 300 mirror/v2.6/linux-2.6.99.tar.xz > cache/source/linux-2.6.99.tar.xz.part"))
		return;
	source = find(fixture, "tarball:linux-2.6.99", NULL);
	g_assert_nonnull(source);
	g_assert_cmpint(http.ranges, ==, 1);
	g_assert_cmpstr(source->identity, ==, sum);
	g_assert_false(fixture_has(fixture->workspace.cache, "source/linux-2.6.99.tar.xz.part"));
	g_clear_pointer(&source, source_free);
	g_free(fixture_shell(fixture->folder, "rm -r cache; mkdir -p cache/source; head -c 300 /dev/zero > cache/source/linux-2.6.99.tar.xz.part"));
	source = find(fixture, "tarball:linux-2.6.99", NULL);
	g_assert_nonnull(source);
	g_assert_cmpint(http.ranges, ==, 2);
	g_clear_pointer(&source, source_free);
	g_free(fixture_shell(fixture->folder, "rm -r cache; mkdir -p cache/source; head -c 9999999 /dev/zero > cache/source/linux-2.6.99.tar.xz.part"));
	source = find(fixture, "tarball:linux-2.6.99", NULL);
	g_assert_nonnull(source);
	g_clear_pointer(&source, source_free);
	g_free(fixture_shell(fixture->folder, "rm -r cache; mkdir -p cache/source; head -c 300 mirror/v2.6/linux-2.6.99.tar.xz > cache/source/linux-2.6.99.tar.xz.part"));
	http.no_ranges = TRUE;
	source = find(fixture, "tarball:linux-2.6.99", NULL);
	g_assert_nonnull(source);
	g_assert_cmpint(http.ranges, ==, 2);
	http_fixture_stop(&http);
}

static void test_wrong_checksum(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one"), *zeros = g_strnfill(64, '0');
	struct http_fixture http;

	(void)data;
	if (!make_mirror(fixture, &http, "echo '0000000000000000000000000000000000000000000000000000000000000000  linux-2.6.99.tar.xz' > sums"))
		return;
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_BROKEN, zeros);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_BROKEN, sum);
	g_assert_false(fixture_has(fixture->workspace.cache, "source/linux-2.6.99.tar.xz"));
	g_assert_false(fixture_has(fixture->workspace.cache, "source/pins/linux-2.6.99.tar.xz"));
	http_fixture_stop(&http);
}

static void test_bad_signature(struct fixture *fixture, gconstpointer data)
{
	g_autofree char *sum = make_tarball(fixture, "linux-2.6.99", "one"), *given = g_strdup_printf("tarball:linux-2.6.99,sha256=%s", sum);
	struct http_fixture http;
	g_autoptr(source_t) source = NULL;

	(void)data;
	if (!make_mirror(fixture, &http, "true"))
		return;
	g_free(fixture_shell(fixture->folder, "sed -i 's/linux-2.6.99/linux-2.6.98/' mirror/v2.6/sha256sums.asc; mv mirror/v2.6/linux-2.6.99.tar.xz mirror/v2.6/linux-2.6.98.tar.xz"));
	fails(fixture, "tarball:linux-2.6.98", FINRIG_ERROR_UNAVAILABLE, "signature of kernel.org's checksums cannot be checked");
	fails(fixture, "tarball:linux-2.6.98", FINRIG_ERROR_UNAVAILABLE, "FINRIG_UNSIGNED=1");
	g_setenv("FINRIG_UNSIGNED", "1", TRUE);
	source = find(fixture, "tarball:linux-2.6.98", NULL);
	g_unsetenv("FINRIG_UNSIGNED");
	g_assert_nonnull(source);
	g_assert_nonnull(strstr(fixture->told->str, "signature of kernel.org's checksums is not checked"));
	g_clear_pointer(&source, source_free);
	/* With a checksum of one's own no list is needed. */
	g_free(fixture_shell(fixture->folder, "rm -r cache mirror/v2.6/sha256sums.asc; mv mirror/v2.6/linux-2.6.98.tar.xz mirror/v2.6/linux-2.6.99.tar.xz"));
	source = find(fixture, given, NULL);
	g_assert_nonnull(source);
	http_fixture_stop(&http);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	FIXTURE_TEST("/source/local-tarball", test_local_tarball);
	FIXTURE_TEST("/source/truncated-tarball", test_truncated_tarball);
	FIXTURE_TEST("/source/tarball-here", test_tarball_here);
	FIXTURE_TEST("/source/given-checksum", test_given_checksum);
	FIXTURE_TEST("/source/offline", test_offline);
	FIXTURE_TEST("/source/bad-tarballs", test_bad_tarballs);
	FIXTURE_TEST("/source/link-tarball", test_link_tarball);
	FIXTURE_TEST("/source/unpacked-folder", test_unpacked_folder);
	FIXTURE_TEST("/source/stand-in", test_stand_in);
	FIXTURE_TEST("/source/stand-in-beside-others", test_stand_in_beside_others);
	FIXTURE_TEST("/source/stand-in-of-cache", test_stand_in_of_cache);
	FIXTURE_TEST("/source/tarball-folders", test_tarball_folders);
	FIXTURE_TEST("/source/absent", test_absent);
	FIXTURE_TEST("/source/unknown-package", test_unknown_package);
	FIXTURE_TEST("/source/no-bzimage", test_no_bzimage);
	FIXTURE_TEST("/source/read-only-tree", test_read_only_tree);
	FIXTURE_TEST("/source/unclean-tree", test_unclean_tree);
	FIXTURE_TEST("/source/git", test_git);
	FIXTURE_TEST("/source/no-network", test_no_network);
	FIXTURE_TEST("/source/fetch", test_fetch);
	FIXTURE_TEST("/source/resume", test_resume);
	FIXTURE_TEST("/source/wrong-checksum", test_wrong_checksum);
	FIXTURE_TEST("/source/bad-signature", test_bad_signature);
	return g_test_run();
}
