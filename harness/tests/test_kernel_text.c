/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_kernel_text - calls found in an ELF file and in a bzImage made of it, and files that are neither
 */
#include <elf.h>
#include <gio/gio.h>
#include <string.h>

#include "error.h"
#include "kernel_text.h"

enum { CODE_BYTES = 64, SETUP_BYTES = 2 * 512 };
static const guint64 base = G_GUINT64_CONSTANT(0xffffffff81000000);

struct tiny_elf {
	Elf64_Ehdr head;
	Elf64_Phdr segments[2];
	guint8 code[CODE_BYTES];
};

static void put_distance(struct tiny_elf *elf, gsize instruction, gsize end, guint64 target)
{
	gint32 distance = GINT32_TO_LE((gint32)(target - (base + end)));

	elf->code[instruction] = elf->code[instruction] ? elf->code[instruction] : 0xe8;
	memcpy(elf->code + end - 4, &distance, 4);
}

/* At 0 a call of base + 48, at 8 a jump there, at 16 a conditional one; at 24 a call of another. The same bytes again in data. */
static GBytes *make_elf(void)
{
	struct tiny_elf elf = { .head = { .e_ident = ELFMAG, .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_phnum = 2 } };

	elf.head.e_ident[EI_CLASS] = ELFCLASS64;
	elf.head.e_ident[EI_DATA] = ELFDATA2LSB;
	elf.head.e_ident[EI_VERSION] = EV_CURRENT;
	elf.head.e_ehsize = sizeof(elf.head);
	elf.head.e_phoff = offsetof(struct tiny_elf, segments);
	elf.head.e_phentsize = sizeof(Elf64_Phdr);
	elf.segments[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = offsetof(struct tiny_elf, code), .p_vaddr = base,
					.p_filesz = CODE_BYTES, .p_memsz = CODE_BYTES };
	elf.segments[1] = elf.segments[0];
	elf.segments[1].p_flags = PF_R | PF_W;
	put_distance(&elf, 0, 5, base + 48);
	elf.code[8] = 0xe9;
	put_distance(&elf, 8, 13, base + 48);
	elf.code[16] = 0x0f;
	elf.code[17] = 0x85;
	put_distance(&elf, 17, 22, base + 48);
	put_distance(&elf, 24, 29, base + 40);
	return g_bytes_new(&elf, sizeof(elf));
}

static GBytes *packed(GBytes *file)
{
	g_autoptr(GInputStream) plain = g_memory_input_stream_new_from_bytes(file);
	g_autoptr(GConverter) gzip = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
	g_autoptr(GInputStream) stream = g_converter_input_stream_new(plain, gzip);
	guint8 buffer[1024];
	gsize length_bytes;

	g_assert_true(g_input_stream_read_all(stream, buffer, sizeof(buffer), &length_bytes, NULL, NULL));
	return g_bytes_new(buffer, length_bytes);
}

/* The same by a program, and its unpacked length behind it, as the kernel's build leaves it. NULL: the program is not there. */
static GBytes *packed_by(const char *program, GBytes *file)
{
	g_autoptr(GSubprocess) process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, program, "-c", NULL);
	g_autoptr(GBytes) out = NULL;
	GByteArray *bytes;

	if (!process)
		return NULL;
	g_assert_true(g_subprocess_communicate(process, file, NULL, &out, NULL, NULL));
	bytes = g_bytes_unref_to_array(g_steal_pointer(&out));
	g_byte_array_append(bytes, (const guint8 *)"\0\1\0\0", 4);
	return g_byte_array_free_to_bytes(bytes);
}

/* Two sectors of setup, then the packed kernel, and something behind it. payload_bytes is what the head claims. */
static GBytes *make_bzimage(GBytes *payload, guint32 payload_bytes)
{
	g_autoptr(GByteArray) image = g_byte_array_new();
	guint32 offset = 0;

	g_byte_array_set_size(image, SETUP_BYTES);
	memset(image->data, 0, image->len);
	image->data[0x1f1] = 1;
	memcpy(image->data + 0x202, "HdrS", 4);
	memcpy(image->data + 0x248, &offset, 4);
	payload_bytes = GUINT32_TO_LE(payload_bytes);
	memcpy(image->data + 0x24c, &payload_bytes, 4);
	g_byte_array_append(image, g_bytes_get_data(payload, NULL), (guint)g_bytes_get_size(payload));
	g_byte_array_append(image, (const guint8 *)"\0\1\0\0", 4);
	return g_byte_array_free_to_bytes(g_steal_pointer(&image));
}

static void expect_calls(GBytes *file)
{
	static const guint64 callers[] = { 0, 8, 17 };
	g_autoptr(GError) error = NULL;
	g_autoptr(kernel_text_t) text = kernel_text_new(file, "vmlinux", &error);
	g_autoptr(GArray) calls = NULL;

	g_assert_no_error(error);
	calls = kernel_text_calls(text, base + 48);
	g_assert_cmpuint(calls->len, ==, G_N_ELEMENTS(callers));
	for (guint i = 0; i < calls->len; i++)
		g_assert_cmphex(g_array_index(calls, guint64, i), ==, base + callers[i]);
}

static void test_elf(void)
{
	g_autoptr(GBytes) elf = make_elf();

	expect_calls(elf);
}

static void test_bzimage(void)
{
	static const char *const programs[] = { "xz", "lzma", "bzip2", "zstd" };
	g_autoptr(GBytes) elf = make_elf(), gzip = packed(elf), image = make_bzimage(gzip, (guint32)g_bytes_get_size(gzip));

	expect_calls(image);
	for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autoptr(GBytes) payload = packed_by(programs[i], elf), other = NULL;

		if (!payload) {
			g_test_message("%s is not installed", programs[i]);
			continue;
		}
		other = make_bzimage(payload, (guint32)g_bytes_get_size(payload));
		expect_calls(other);
	}
}

static void expect_unreadable(GBytes *file, const char *message)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(kernel_text_new(file, "bzImage", &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE);
	g_assert_cmpstr(error->message, ==, message);
}

static void test_neither(void)
{
	g_autoptr(GBytes) empty = g_bytes_new_static("", 0), text = g_bytes_new_static("no kernel", 9), elf = make_elf(), gzip = packed(text);
	g_autoptr(GBytes) cut = g_bytes_new_from_bytes(elf, 0, 40), holds_text = make_bzimage(gzip, (guint32)g_bytes_get_size(gzip));
	g_autoptr(GBytes) short_image = make_bzimage(gzip, 1 << 20);

	expect_unreadable(empty, "bzImage: neither an ELF file nor a bzImage");
	expect_unreadable(text, "bzImage: neither an ELF file nor a bzImage");
	expect_unreadable(short_image, "bzImage: neither an ELF file nor a bzImage");
	expect_unreadable(holds_text, "bzImage: no ELF file with instructions");
	expect_unreadable(cut, "bzImage: no ELF file with instructions");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/kernel-text/elf", test_elf);
	g_test_add_func("/kernel-text/bzimage", test_bzimage);
	g_test_add_func("/kernel-text/neither", test_neither);
	return g_test_run();
}
