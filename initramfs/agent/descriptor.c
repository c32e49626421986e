/* SPDX-License-Identifier: GPL-2.0-or-later
 * descriptor - keeps the agent's own descriptors out of the script's way; descriptor.h is the manual
 */
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int descriptor_raise(int fd)
{
	int raised, error;

	if (fd < 0)
		return -1;
	raised = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTOR_BASE);
	error = errno;
	close(fd);
	errno = error;
	return raised;
}
