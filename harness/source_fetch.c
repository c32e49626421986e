/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_fetch - files from the mirror of kernel.org's releases, by libcurl
 */
#include "source_fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#include "error.h"

enum { STALLED_SECONDS = 30, STALLED_BYTES_PER_SECOND = 512, PROGRESS_SECONDS = 2 };

static void *start_curl(void *unused)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return unused;
}

static CURL *new_transfer(const char *url, char *why)
{
	static GOnce once = G_ONCE_INIT;
	CURL *transfer;

	g_once(&once, start_curl, NULL);
	transfer = curl_easy_init();
	curl_easy_setopt(transfer, CURLOPT_URL, url);
	curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(transfer, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(transfer, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(transfer, CURLOPT_CONNECTTIMEOUT, (long)FETCH_CONNECT_SECONDS);
	curl_easy_setopt(transfer, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(transfer, CURLOPT_USERAGENT, "finrig/" FINRIG_VERSION);
	*why = 0;
	return transfer;
}

/* Answers that come from something between here and the mirror rather than from it. */
static gboolean answer_refuses(long answer)
{
	return answer == 401 || answer == 403 || answer == 407 || answer >= 500;
}

static char *ask_mirror(const char *mirror)
{
	char why[CURL_ERROR_SIZE];
	CURL *transfer = new_transfer(mirror, why);
	CURLcode result;
	long answer = 0;

	curl_easy_setopt(transfer, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(transfer, CURLOPT_TIMEOUT, (long)FETCH_CONNECT_SECONDS);
	result = curl_easy_perform(transfer);
	curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, &answer);
	curl_easy_cleanup(transfer);
	if (result != CURLE_OK)
		return g_strdup(*why ? why : curl_easy_strerror(result));
	return answer_refuses(answer) ? g_strdup_printf("%s answers %ld", mirror, answer) : NULL;
}

gboolean fetch_reachable(const struct workspace *workspace, char **why)
{
	static GMutex once;
	static GHashTable *answers; /* mirror -> NULL, or why it is out of reach; lives as long as the process */
	gpointer answer;

	g_mutex_lock(&once);
	if (!answers)
		answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!g_hash_table_lookup_extended(answers, workspace->mirror, NULL, &answer)) {
		answer = ask_mirror(workspace->mirror);
		g_hash_table_insert(answers, g_strdup(workspace->mirror), answer);
	}
	*why = g_strdup(answer);
	g_mutex_unlock(&once);
	return *why == NULL;
}

struct download {
	const struct workspace *workspace;
	const char *subject;
	char *name;
	GCancellable *cancellable;
	curl_off_t from_bytes;
	gint64 told_us;
};

static int download_progress(void *user, curl_off_t total, curl_off_t got, curl_off_t up_total, curl_off_t up)
{
	struct download *download = user;
	gint64 now_us = g_get_monotonic_time();

	(void)up_total;
	(void)up;
	if (total > 0 && got > 0 && now_us - download->told_us >= PROGRESS_SECONDS * G_USEC_PER_SEC) {
		download->told_us = now_us;
		workspace_progress(download->workspace, "source", download->subject, "%s: %.1f of %.1f MB", download->name,
				   (double)(download->from_bytes + got) / 1e6, (double)(download->from_bytes + total) / 1e6);
	}
	return g_cancellable_is_cancelled(download->cancellable);
}

/* One try: appends to part from where it ends. Returns curl's result and the server's answer. */
static CURLcode download_try(struct download *download, const char *url, const char *part, long *answer, char *why)
{
	FILE *file = fopen(part, "abe");
	CURL *transfer;
	CURLcode result;

	if (!file) {
		g_snprintf(why, CURL_ERROR_SIZE, "%s: %s", part, g_strerror(errno));
		return CURLE_WRITE_ERROR;
	}
	transfer = new_transfer(url, why);
	fseeko(file, 0, SEEK_END);
	download->from_bytes = ftello(file);
	curl_easy_setopt(transfer, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(transfer, CURLOPT_WRITEDATA, file);
	curl_easy_setopt(transfer, CURLOPT_RESUME_FROM_LARGE, download->from_bytes);
	curl_easy_setopt(transfer, CURLOPT_LOW_SPEED_LIMIT, (long)STALLED_BYTES_PER_SECOND);
	curl_easy_setopt(transfer, CURLOPT_LOW_SPEED_TIME, (long)STALLED_SECONDS);
	curl_easy_setopt(transfer, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(transfer, CURLOPT_XFERINFOFUNCTION, download_progress);
	curl_easy_setopt(transfer, CURLOPT_XFERINFODATA, download);
	result = curl_easy_perform(transfer);
	curl_easy_getinfo(transfer, CURLINFO_RESPONSE_CODE, answer);
	curl_easy_cleanup(transfer);
	if (fclose(file) && result == CURLE_OK)
		result = CURLE_WRITE_ERROR;
	if (!*why)
		g_strlcpy(why, curl_easy_strerror(result), CURL_ERROR_SIZE);
	return result;
}

/* The server does not resume, or what is here is not the start of what it has. */
static gboolean must_start_over(CURLcode result, long answer)
{
	return result == CURLE_RANGE_ERROR || answer == 416;
}

gboolean fetch_file(const struct workspace *workspace, const char *subject, const char *url, const char *path, gboolean *found,
		    GCancellable *cancellable, GError **error)
{
	g_autofree char *part = g_strconcat(path, ".part", NULL), *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
	struct download download = {workspace, subject, name, cancellable, 0, g_get_monotonic_time()};
	char why[CURL_ERROR_SIZE];
	long answer = 0;
	CURLcode result;

	g_mkdir_with_parents(folder, 0777);
	result = download_try(&download, url, part, &answer, why);
	if (download.from_bytes > 0 && must_start_over(result, answer)) {
		g_unlink(part);
		answer = 0;
		result = download_try(&download, url, part, &answer, why);
	}
	*found = answer != 404;
	if (result == CURLE_OK && g_rename(part, path) == 0)
		return TRUE;
	if (!*found && result == CURLE_HTTP_RETURNED_ERROR) {
		g_unlink(part);
		return TRUE;
	}
	if (g_cancellable_is_cancelled(cancellable))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted");
	else
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s", why);
	return FALSE;
}
