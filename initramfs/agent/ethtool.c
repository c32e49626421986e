/* SPDX-License-Identifier: GPL-2.0-or-later
 * ethtool - features of a device on and off; ethtool.h is the manual
 */
#include "ethtool.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

/* flag: a feature without calls of its own is a bit of ETHTOOL_GFLAGS. */
static const struct feature {
	const char *name, *long_name;
	uint32_t get, set, flag;
} features[] = {
	{ "rx", "rx-checksumming", ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM, 0 },
	{ "tx", "tx-checksumming", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM, 0 },
	{ "sg", "scatter-gather", ETHTOOL_GSG, ETHTOOL_SSG, 0 },
	{ "tso", "tcp-segmentation-offload", ETHTOOL_GTSO, ETHTOOL_STSO, 0 },
	{ "ufo", "udp-fragmentation-offload", ETHTOOL_GUFO, ETHTOOL_SUFO, 0 },
	{ "gso", "generic-segmentation-offload", ETHTOOL_GGSO, ETHTOOL_SGSO, 0 },
	{ "gro", "generic-receive-offload", ETHTOOL_GGRO, ETHTOOL_SGRO, 0 },
	{ "lro", "large-receive-offload", ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_LRO },
};

enum { FEATURE_COUNT = sizeof(features) / sizeof(features[0]) };

static int refuse(const char *what, const char *why)
{
	fprintf(stderr, "ethtool: %s: %s\n", what, why);
	return 1;
}

static int control_socket(void)
{
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (control < 0)
		refuse("socket AF_INET", strerror(errno));
	return control;
}

static bool call(int control, const char *device, uint32_t command, uint32_t *value)
{
	struct ethtool_value exchange = { .cmd = command, .data = *value };
	struct ifreq request = { .ifr_data = (char *)&exchange };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (ioctl(control, SIOCETHTOOL, &request))
		return false;
	*value = exchange.data;
	return true;
}

static const struct feature *find(const char *name)
{
	for (size_t i = 0; i < FEATURE_COUNT; i++)
		if (strcmp(name, features[i].name) == 0 || strcmp(name, features[i].long_name) == 0)
			return &features[i];
	return NULL;
}

static int change(int control, const char *device, const struct feature *feature, bool on)
{
	uint32_t value = 0;

	if (feature->flag && !call(control, device, feature->get, &value))
		return refuse(feature->long_name, strerror(errno));
	value = feature->flag ? (on ? value | feature->flag : value & ~feature->flag) : on;
	return call(control, device, feature->set, &value) ? 0 : refuse(feature->long_name, strerror(errno));
}

/* words: NAME on|off, ... */
static int change_all(int control, const char *device, char **words)
{
	int status = 0;

	for (; *words && !status; words += 2) {
		const struct feature *feature = find(words[0]);
		bool on = words[1] && strcmp(words[1], "on") == 0;

		if (!feature)
			return refuse(words[0], "a guest's ethtool knows rx tx sg tso ufo gso gro lro");
		if (!words[1] || (!on && strcmp(words[1], "off") != 0))
			return refuse(words[0], "expected on or off behind it");
		status = change(control, device, feature, on);
	}
	return status;
}

/* A feature that this kernel or device does not have is left out. */
static int show_all(int control, const char *device)
{
	unsigned shown = 0;

	for (size_t i = 0; i < FEATURE_COUNT; i++) {
		uint32_t value = 0;

		if (!call(control, device, features[i].get, &value))
			continue;
		if (!shown++)
			printf("Features for %s:\n", device);
		printf("%s: %s\n", features[i].long_name, (features[i].flag ? value & features[i].flag : value) ? "on" : "off");
	}
	return shown ? 0 : refuse(device, strerror(errno));
}

int ethtool_main(char **arguments)
{
	static const char *const changes[] = { "-K", "--features", "--offload" }, *const shows[] = { "-k", "--show-features", "--show-offload" };
	const char *what = arguments[0] ? arguments[0] : "";
	bool changing = false, showing = false;
	int control, status;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		changing = changing || strcmp(what, changes[i]) == 0;
		showing = showing || strcmp(what, shows[i]) == 0;
	}
	if ((!changing && !showing) || !arguments[1] || (changing ? !arguments[2] : arguments[2] != NULL))
		return refuse(*what ? what : "no arguments", "a guest's ethtool is called -K DEVICE NAME on|off ..., or -k DEVICE");
	control = control_socket();
	if (control < 0)
		return 1;
	status = changing ? change_all(control, arguments[1], arguments + 2) : show_all(control, arguments[1]);
	close(control);
	return status;
}
