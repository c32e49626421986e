/* SPDX-License-Identifier: GPL-2.0-or-later
 * http_fixture - a mirror on the loopback for tests: serves the files of one folder, with ranges
 * Runs in threads of its own; counts what was asked.
 */
#ifndef FINRIG_HTTP_FIXTURE_H
#define FINRIG_HTTP_FIXTURE_H

#include <gio/gio.h>
#include <string.h>

struct http_fixture {
	GSocketService *service;
	char *folder;      /* "/v2.6/x" is folder/v2.6/x */
	char *url;
	gboolean no_ranges; /* answer 200 with everything, as a server does that cannot resume */
	gint requests, ranges; /* how many in all, and how many with a Range */
	GThread *thread;
	GMainLoop *loop;
};

/* The request's header lines. */
static inline char *http_fixture_request(GInputStream *input, gint64 *from)
{
	g_autoptr(GDataInputStream) lines = g_data_input_stream_new(input);
	char *request, *line;

	g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(lines), FALSE);
	g_data_input_stream_set_newline_type(lines, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
	request = g_data_input_stream_read_line(lines, NULL, NULL, NULL);
	*from = -1;
	while ((line = g_data_input_stream_read_line(lines, NULL, NULL, NULL)) && *line) {
		if (!g_ascii_strncasecmp(line, "Range: bytes=", 13))
			*from = g_ascii_strtoll(line + 13, NULL, 10);
		g_free(line);
	}
	g_free(line);
	return request;
}

static inline gboolean http_fixture_run(GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user)
{
	struct http_fixture *http = user;
	gint64 from;
	g_autofree char *request = http_fixture_request(g_io_stream_get_input_stream(G_IO_STREAM(connection)), &from);
	g_auto(GStrv) words = g_strsplit(request ? request : "", " ", 3);
	g_autofree char *path = words[0] ? g_build_filename(http->folder, words[1], NULL) : NULL, *content = NULL, *head = NULL;
	GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(connection));
	gsize length = 0;

	(void)service;
	(void)source;
	g_atomic_int_inc(&http->requests);
	if (!path || !g_file_get_contents(path, &content, &length, NULL))
		head = g_strdup("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	else if (from >= (gint64)length && !http->no_ranges)
		head = g_strdup("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	else if (from > 0 && !http->no_ranges) {
		g_atomic_int_inc(&http->ranges);
		head = g_strdup_printf("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %" G_GINT64_FORMAT "-%zu/%zu\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
				       from, length - 1, length, length - (gsize)from);
	} else {
		from = 0;
		head = g_strdup_printf("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", length);
	}
	g_output_stream_write_all(output, head, strlen(head), NULL, NULL, NULL);
	if (content && strstr(head, " 20") && words[0] && strcmp(words[0], "HEAD"))
		g_output_stream_write_all(output, content + MAX(from, 0), length - (gsize)MAX(from, 0), NULL, NULL, NULL);
	g_io_stream_close(G_IO_STREAM(connection), NULL, NULL);
	return TRUE;
}

static inline gpointer http_fixture_loop(gpointer user)
{
	struct http_fixture *http = user;
	GMainContext *context = g_main_context_new();
	guint16 port;

	g_main_context_push_thread_default(context);
	http->loop = g_main_loop_new(context, FALSE);
	http->service = g_threaded_socket_service_new(4);
	port = g_socket_listener_add_any_inet_port(G_SOCKET_LISTENER(http->service), NULL, NULL);
	g_signal_connect(http->service, "run", G_CALLBACK(http_fixture_run), http);
	g_socket_service_start(http->service);
	g_atomic_pointer_set(&http->url, g_strdup_printf("http://127.0.0.1:%u/", port));
	g_main_loop_run(http->loop);
	g_socket_service_stop(http->service);
	g_socket_listener_close(G_SOCKET_LISTENER(http->service));
	g_object_unref(http->service);
	g_main_loop_unref(http->loop);
	g_main_context_pop_thread_default(context);
	g_main_context_unref(context);
	return NULL;
}

static inline void http_fixture_start(struct http_fixture *http, const char *folder)
{
	*http = (struct http_fixture){.folder = g_strdup(folder)};
	http->thread = g_thread_new("http", http_fixture_loop, http);
	while (!g_atomic_pointer_get(&http->url))
		g_thread_yield();
}

static inline void http_fixture_stop(struct http_fixture *http)
{
	g_main_loop_quit(http->loop);
	g_thread_join(http->thread);
	g_free(http->folder);
	g_free(http->url);
}

#endif
