/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_source_tarball - releases as tarballs and unpacked folders at hand: found, checked, unpacked, or refused
 */
#include "source_fixture.h"

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
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_UNFIT, sum);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_UNFIT, again);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_UNFIT, "source/pins/linux-2.6.99.tar.xz says");
	cure = g_strdup_printf("; if this file is the right one, remove %s/source/pins/linux-2.6.99.tar.xz", fixture->workspace.cache);
	fails(fixture, "tarball:linux-2.6.99", FINRIG_ERROR_UNFIT, cure);
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
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT);
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
	fails(fixture, wrong, FINRIG_ERROR_UNFIT, wrong_sum);
	fails(fixture, wrong, FINRIG_ERROR_UNFIT, sum);
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
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT);
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
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT);
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
	return g_test_run();
}
