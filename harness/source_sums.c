/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_sums - what a release's SHA-256 should be, by kernel.org's signed list
 */
#include "source_sums.h"

#include <glib/gstdio.h>
#include <string.h>

#include "error.h"
#include "source_fetch.h"
#include "source_process.h"
#include "source_unpack.h"

/* The key that signs kernel.org's lists of checksums, and the address that its web key directory has it under. */
#define SIGNER_FINGERPRINT "B8868C80BA62A1FFFAF5FDA9632D3A06589DA6B1"
#define SIGNER_ADDRESS "autosigner@kernel.org"

static gboolean run_gpg(const char *home, const char *const *words, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	struct process process = {0};

	g_ptr_array_add(argv, (gpointer) "gpg");
	g_ptr_array_add(argv, (gpointer) "--batch");
	g_ptr_array_add(argv, (gpointer) "--homedir");
	g_ptr_array_add(argv, (gpointer)home);
	for (guint i = 0; words[i]; i++)
		g_ptr_array_add(argv, (gpointer)words[i]);
	g_ptr_array_add(argv, NULL);
	process.argv = (const char *const *)argv->pdata;
	return process_run(&process, cancellable, NULL, NULL, error);
}

/* gpg starts helpers of its own (dirmngr), which would outlive it. */
static void stop_helpers(const char *home)
{
	const char *const argv[] = {"gpgconf", "--homedir", home, "--kill", "all", NULL};
	struct process process = {.argv = argv};

	process_run(&process, NULL, NULL, NULL, NULL);
}

static gboolean get_keyring(const char *keyring, GCancellable *cancellable, GError **error)
{
	g_autofree char *home = g_dir_make_tmp("finrig-gpg-XXXXXX", error);
	const char *const locate[] = {"--quiet", "--auto-key-locate", "clear,wkd", "--locate-keys", SIGNER_ADDRESS, NULL};
	const char *const export[] = {"--yes", "--output", keyring, "--export", SIGNER_FINGERPRINT, NULL};
	gboolean got;

	if (!home)
		return FALSE;
	got = run_gpg(home, locate, cancellable, error) && run_gpg(home, export, cancellable, error);
	stop_helpers(home);
	remove_folder(home);
	if (got && !g_file_test(keyring, G_FILE_TEST_EXISTS)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s has no key %s", SIGNER_ADDRESS, SIGNER_FINGERPRINT);
		return FALSE;
	}
	return got;
}

static char *find_keyring(const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	const char *given = g_getenv("FINRIG_KEYRING");
	g_autofree char *kept = g_build_filename(workspace->cache, "source", "kernel.org.gpg", NULL);

	if (given && *given)
		return g_canonicalize_filename(given, NULL);
	if (!g_file_test(kept, G_FILE_TEST_EXISTS) && !get_keyring(kept, cancellable, error))
		return NULL;
	return g_canonicalize_filename(kept, NULL);
}

/* The signed text of a clear-signed file. */
static char *signed_text(const struct workspace *workspace, const char *list, GCancellable *cancellable, GError **error)
{
	g_autofree char *keyring = find_keyring(workspace, cancellable, error), *plain = g_strconcat(list, ".plain", NULL);
	const char *const argv[] = {"gpgv", "--quiet", "--keyring", keyring, "--output", plain, list, NULL};
	struct process process = {.argv = argv};
	char *text = NULL;

	g_unlink(plain);
	if (keyring && process_run(&process, cancellable, NULL, NULL, error))
		g_file_get_contents(plain, &text, NULL, error);
	g_unlink(plain);
	return text;
}

static char *find_sum(const char *text, const char *file)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		const char *name = g_strstrip(lines[i]) + strspn(lines[i], "0123456789abcdef");

		if (name - lines[i] == 64 && !strcmp(name + strspn(name, " \t*"), file))
			return g_strndup(lines[i], 64);
	}
	return NULL;
}

static gboolean unsigned_will_do(void)
{
	return !g_strcmp0(g_getenv("FINRIG_UNSIGNED"), "1");
}

static char *list_text(const struct workspace *workspace, const char *subject, const char *list, GCancellable *cancellable, GError **error)
{
	char *text = NULL;

	if (unsigned_will_do()) {
		workspace_progress(workspace, "note", subject, "FINRIG_UNSIGNED=1: the signature of kernel.org's checksums is not checked");
		g_file_get_contents(list, &text, NULL, error);
		return text;
	}
	text = signed_text(workspace, list, cancellable, error);
	if (!text && error && *error && !g_error_matches(*error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED)) {
		g_autofree char *why = g_strdup((*error)->message);

		g_clear_error(error);
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE,
			    "the signature of kernel.org's checksums cannot be checked: %s; give sha256 in the kernel file, "
			    "the key in FINRIG_KEYRING, or FINRIG_UNSIGNED=1", why);
	}
	return text;
}

char *sums_lookup(const struct workspace *workspace, const char *subject, const char *url, const char *file, gboolean *found,
		  GCancellable *cancellable, GError **error)
{
	g_autofree char *source = g_strconcat(url, "sha256sums.asc", NULL), *text = NULL, *sum = NULL;
	g_autofree char *folder = g_build_filename(workspace->cache, "source", NULL);
	g_autofree char *list = g_strdup_printf("%s/sums-%s-%u.asc", folder, subject, g_random_int());
	g_autofree char *part = g_strconcat(list, ".part", NULL);

	*found = TRUE;
	if (!fetch_file(workspace, subject, source, list, found, cancellable, error)) {
		g_unlink(part); /* small, and named anew each time: nothing to resume */
		return NULL;
	}
	if (!*found)
		return NULL;
	text = list_text(workspace, subject, list, cancellable, error);
	g_unlink(list);
	if (!text)
		return NULL;
	sum = find_sum(text, file);
	*found = sum != NULL;
	return g_steal_pointer(&sum);
}
