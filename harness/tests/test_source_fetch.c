/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_source_fetch - releases fetched from a mirror on the loopback: whole, in parts, wrong, or not at all
 */
#include "http_fixture.h"
#include "source_fetch.h"
#include "source_fixture.h"

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
	FIXTURE_TEST("/source/no-network", test_no_network);
	FIXTURE_TEST("/source/fetch", test_fetch);
	FIXTURE_TEST("/source/resume", test_resume);
	FIXTURE_TEST("/source/wrong-checksum", test_wrong_checksum);
	FIXTURE_TEST("/source/bad-signature", test_bad_signature);
	return g_test_run();
}
