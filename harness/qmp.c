/* SPDX-License-Identifier: GPL-2.0-or-later
 * qmp - QEMU's control channel: commands, events and descriptors over one end of a socket pair
 */
#include "qmp.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/socket.h>

#include "artefact.h"

enum { LINE_MAX_BYTES = 1024 * 1024 };

struct qmp {
	struct channel channel;
	GQueue *events;   /* JsonObject *: those that came before anyone waited for them */
};

struct qmp *qmp_new(int socket, gint64 limit_us, GCancellable *cancellable)
{
	struct qmp *qmp = g_new0(struct qmp, 1);

	channel_init(&qmp->channel, "qmp", "answer", socket, limit_us, LINE_MAX_BYTES, cancellable);
	qmp->events = g_queue_new();
	return qmp;
}

void qmp_read_aside(struct qmp *qmp, const struct channel_aside *aside)
{
	qmp->channel.aside = *aside;
}

void qmp_free(struct qmp *qmp)
{
	if (!qmp)
		return;
	channel_clear(&qmp->channel);
	g_queue_free_full(qmp->events, (GDestroyNotify)json_object_unref);
	g_free(qmp);
}

/* The next message, a JSON object on a line of its own. */
static JsonObject *read_message(struct qmp *qmp, gint64 until_us, GError **error)
{
	g_autoptr(JsonNode) root = NULL;
	char *newline;

	while (!(newline = memchr(qmp->channel.unread->str, '\n', qmp->channel.unread->len)))
		if (!channel_read(&qmp->channel, until_us, error))
			return NULL;
	*newline = '\0';
	root = json_from_string(qmp->channel.unread->str, NULL);
	g_string_erase(qmp->channel.unread, 0, newline + 1 - qmp->channel.unread->str);
	if (root && JSON_NODE_HOLDS_OBJECT(root))
		return json_node_dup_object(root);
	channel_failed(&qmp->channel, error, "what QEMU sent is no JSON object");
	return NULL;
}

/* The next message that is no event; events are kept. */
static JsonObject *read_answer(struct qmp *qmp, GError **error)
{
	gint64 until_us = g_get_monotonic_time() + qmp->channel.limit_us;
	JsonObject *message;

	while ((message = read_message(qmp, until_us, error)) && json_object_has_member(message, "event"))
		g_queue_push_tail(qmp->events, message);
	return message;
}

static JsonObject *object_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static gboolean take_answer(struct qmp *qmp, const char *command, GError **error)
{
	g_autoptr(JsonObject) answer = read_answer(qmp, error);
	JsonObject *refusal;
	const char *why;

	if (!answer)
		return FALSE;
	if (json_object_has_member(answer, "return"))
		return TRUE;
	refusal = object_member(answer, "error");
	why = refusal ? artefact_string(refusal, "desc") : NULL;
	return channel_failed(&qmp->channel, error, "%s: %s", command, why ? why : "refused");
}

/* descriptor: -1 for none; it goes with the first byte. */
static gboolean send_text(struct qmp *qmp, const char *text, int descriptor, GError **error)
{
	union { struct cmsghdr head; char bytes[CMSG_SPACE(sizeof(int))]; } control = { .bytes = { 0 } };
	struct iovec io = { .iov_base = (void *)text, .iov_len = strlen(text) };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(&control.head), &descriptor, sizeof(int));
	}
	/* A command is far shorter than the socket's buffer: it goes whole or not at all. */
	if (sendmsg(qmp->channel.socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)io.iov_len)
		return TRUE;
	return channel_failed(&qmp->channel, error, "QEMU takes no command: %s", g_strerror(errno));
}

static gboolean execute(struct qmp *qmp, const char *command, const char *arguments, int descriptor, GError **error)
{
	g_autofree char *text = g_strdup_printf("{\"execute\": \"%s\", \"arguments\": %s}\n", command, arguments ? arguments : "{}");

	return send_text(qmp, text, descriptor, error) && take_answer(qmp, command, error);
}

gboolean qmp_greet(struct qmp *qmp, GError **error)
{
	g_autoptr(JsonObject) greeting = read_answer(qmp, error);

	if (!greeting)
		return FALSE;
	if (!json_object_has_member(greeting, "QMP"))
		return channel_failed(&qmp->channel, error, "QEMU did not greet");
	return qmp_command(qmp, "qmp_capabilities", NULL, error);
}

gboolean qmp_command(struct qmp *qmp, const char *command, const char *arguments, GError **error)
{
	return execute(qmp, command, arguments, -1, error);
}

gboolean qmp_send_descriptor(struct qmp *qmp, const char *name, int descriptor, GError **error)
{
	g_autofree char *arguments = g_strdup_printf("{\"fdname\": \"%s\"}", name);

	return execute(qmp, "getfd", arguments, descriptor, error);
}

/* The event that came first. */
static JsonObject *next_event(struct qmp *qmp, gint64 until_us, GError **error)
{
	JsonObject *message = g_queue_pop_head(qmp->events);

	while (!message && (message = read_message(qmp, until_us, error)) && !json_object_has_member(message, "event"))
		g_clear_pointer(&message, json_object_unref);
	return message;
}

int qmp_descriptor(const struct qmp *qmp)
{
	return qmp->channel.socket;
}

gboolean qmp_took_event(struct qmp *qmp, const char *event)
{
	JsonObject *message;
	gboolean found = FALSE;

	while (!found && (message = next_event(qmp, 0, NULL))) {
		found = g_strcmp0(artefact_string(message, "event"), event) == 0;
		json_object_unref(message);
	}
	return found;
}

gboolean qmp_wait(struct qmp *qmp, const char *event, const char *status, GError **error)
{
	gint64 until_us = g_get_monotonic_time() + qmp->channel.limit_us;

	for (;;) {
		g_autoptr(JsonObject) message = next_event(qmp, until_us, error);
		JsonObject *data = message ? object_member(message, "data") : NULL;
		const char *found = data ? artefact_string(data, "status") : NULL;

		if (!message)
			return FALSE;
		if (g_strcmp0(artefact_string(message, "event"), event) != 0)
			continue;
		if (!status || g_strcmp0(found, status) == 0)
			return TRUE;
		if (g_strcmp0(found, "failed") == 0)
			return channel_failed(&qmp->channel, error, "%s failed", event);
	}
}
