/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_qmp - the QMP client against the other end of its socket: answers, events, descriptors, and an end that misbehaves
 */
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}}}\r\n"
#define DONE "{\"return\": {}}\r\n"

static int other_end;

/* All that the other end will ever say, said before it is asked: what counts is the order. */
static struct qmp *channel(const char *text, gint64 limit_us, GCancellable *cancellable)
{
	int ends[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	other_end = ends[1];
	g_assert_cmpint(write(other_end, text, strlen(text)), ==, (ssize_t)strlen(text));
	return qmp_new(ends[0], limit_us, cancellable);
}

static void close_channel(struct qmp *qmp)
{
	qmp_free(qmp);
	close(other_end);
}

static void test_greet_and_command(void)
{
	struct qmp *qmp = channel(GREETING DONE "{\"event\": \"RESUME\"}\r\n" DONE, G_USEC_PER_SEC, NULL);
	char sent[256] = "";

	g_assert_true(qmp_greet(qmp, NULL));
	g_assert_true(qmp_command(qmp, "cont", NULL, NULL));
	g_assert_true(qmp_wait(qmp, "RESUME", NULL, NULL)); /* came before the answer, was kept */
	g_assert_cmpint(read(other_end, sent, sizeof(sent) - 1), >, 0);
	g_assert_cmpstr(sent, ==, "{\"execute\": \"qmp_capabilities\", \"arguments\": {}}\n{\"execute\": \"cont\", \"arguments\": {}}\n");
	close_channel(qmp);
}

static void test_wait_for_status(void)
{
	struct qmp *qmp = channel("{\"event\": \"MIGRATION\", \"data\": {\"status\": \"active\"}}\r\n{\"event\": \"STOP\"}\r\n"
				  "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\r\n", G_USEC_PER_SEC, NULL);

	g_assert_true(qmp_wait(qmp, "MIGRATION", "completed", NULL));
	close_channel(qmp);
}

static void test_took_event(void)
{
	struct qmp *qmp = channel("{\"event\": \"RESUME\"}\r\n{\"event\": \"STOP\"}\r\n", G_USEC_PER_SEC, NULL);

	g_assert_true(qmp_took_event(qmp, "STOP"));
	g_assert_false(qmp_took_event(qmp, "STOP"));
	close_channel(qmp);
}

static void expect_failure(const char *text, gboolean (*call)(struct qmp *qmp, GError **error), const char *message)
{
	struct qmp *qmp = channel(text, 50000, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_false(call(qmp, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_cmpstr(error->message, ==, message);
	close_channel(qmp);
}

static gboolean call_cont(struct qmp *qmp, GError **error)
{
	return qmp_command(qmp, "cont", NULL, error);
}

static gboolean call_wait(struct qmp *qmp, GError **error)
{
	return qmp_wait(qmp, "MIGRATION", "completed", error);
}

static void test_misbehaving(void)
{
	expect_failure("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such thing\"}}\r\n", call_cont, "qmp: cont: no such thing");
	expect_failure("{\"error\": 7}\r\n", call_cont, "qmp: cont: refused");
	expect_failure("{\"neither\": 7}\r\n", call_cont, "qmp: cont: refused");
	expect_failure("not JSON\r\n", call_cont, "qmp: what QEMU sent is no JSON object");
	expect_failure("[1]\n", call_cont, "qmp: what QEMU sent is no JSON object");
	expect_failure("\n", call_cont, "qmp: what QEMU sent is no JSON object");
	expect_failure(DONE, qmp_greet, "qmp: QEMU did not greet");
	expect_failure("{\"half\": ", call_cont, "qmp: QEMU was silent for 0 s");
	expect_failure("{\"event\": \"MIGRATION\", \"data\": {\"status\": \"failed\"}}\n", call_wait, "qmp: MIGRATION failed");
	expect_failure("{\"event\": \"MIGRATION\", \"data\": 7}\n{\"event\": {}}\n", call_wait, "qmp: QEMU was silent for 0 s");
}

static void test_left(void)
{
	struct qmp *qmp = channel("", G_USEC_PER_SEC, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(shutdown(other_end, SHUT_RDWR), ==, 0);
	g_assert_false(qmp_wait(qmp, "STOP", NULL, &error));
	g_assert_cmpstr(error->message, ==, "qmp: QEMU left");
	g_clear_error(&error);
	g_assert_false(qmp_command(qmp, "cont", NULL, &error)); /* and no SIGPIPE */
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	close_channel(qmp);
}

static void test_cancelled(void)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct qmp *qmp = channel("", 60 * G_USEC_PER_SEC, cancellable);
	g_autoptr(GError) error = NULL;

	g_cancellable_cancel(cancellable);
	g_assert_false(qmp_wait(qmp, "STOP", NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED);
	close_channel(qmp);
}

/* What arrives with the command is the same open file. */
static void test_descriptor(void)
{
	struct qmp *qmp = channel(DONE, G_USEC_PER_SEC, NULL);
	union { struct cmsghdr head; char bytes[CMSG_SPACE(sizeof(int))]; } control;
	char text[128] = "", through[3] = "";
	struct iovec io = { text, sizeof(text) - 1 };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int ends[2], got;

	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_true(qmp_send_descriptor(qmp, "state", ends[1], NULL));
	g_assert_cmpint(recvmsg(other_end, &message, 0), >, 0);
	g_assert_cmpstr(text, ==, "{\"execute\": \"getfd\", \"arguments\": {\"fdname\": \"state\"}}\n");
	g_assert_nonnull(CMSG_FIRSTHDR(&message));
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(got));
	g_assert_cmpint(write(got, "hi", 2), ==, 2);
	g_assert_cmpint(read(ends[0], through, 2), ==, 2);
	g_assert_cmpstr(through, ==, "hi");
	close(got);
	close(ends[0]);
	close(ends[1]);
	close_channel(qmp);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/qmp/greet-and-command", test_greet_and_command);
	g_test_add_func("/qmp/took-event", test_took_event);
	g_test_add_func("/qmp/wait-for-status", test_wait_for_status);
	g_test_add_func("/qmp/misbehaving", test_misbehaving);
	g_test_add_func("/qmp/left", test_left);
	g_test_add_func("/qmp/cancelled", test_cancelled);
	g_test_add_func("/qmp/descriptor", test_descriptor);
	return g_test_run();
}
