// SPDX-License-Identifier: GPL-2.0
/*
 * The fields of struct tcp_info by name.  <linux/tcp.h> has them all and does
 * not go with <netinet/tcp.h>, so this file sees no other header of ours.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/tcp.h>

bool info_field(const void *info, const char *name, int64_t *value);

#define FIELD(name) { #name, offsetof(struct tcp_info, tcpi_##name), \
		      sizeof(((struct tcp_info *)0)->tcpi_##name) }

static const struct {
	const char *name;
	size_t at;
	size_t size;
} fields[] = {
	FIELD(state), FIELD(ca_state), FIELD(retransmits), FIELD(probes),
	FIELD(backoff), FIELD(options), FIELD(rto), FIELD(ato), FIELD(snd_mss),
	FIELD(rcv_mss), FIELD(unacked), FIELD(sacked), FIELD(lost),
	FIELD(retrans), FIELD(fackets), FIELD(last_data_sent),
	FIELD(last_ack_sent), FIELD(last_data_recv), FIELD(last_ack_recv),
	FIELD(pmtu), FIELD(rcv_ssthresh), FIELD(rtt), FIELD(rttvar),
	FIELD(snd_ssthresh), FIELD(snd_cwnd), FIELD(advmss), FIELD(reordering),
	FIELD(rcv_rtt), FIELD(rcv_space), FIELD(total_retrans),
	FIELD(pacing_rate), FIELD(max_pacing_rate), FIELD(bytes_acked),
	FIELD(bytes_received), FIELD(segs_out), FIELD(segs_in),
	FIELD(notsent_bytes), FIELD(min_rtt), FIELD(data_segs_in),
	FIELD(data_segs_out), FIELD(delivery_rate), FIELD(busy_time),
	FIELD(rwnd_limited), FIELD(sndbuf_limited), FIELD(delivered),
	FIELD(delivered_ce), FIELD(bytes_sent), FIELD(bytes_retrans),
	FIELD(dsack_dups), FIELD(reord_seen), FIELD(rcv_ooopack),
	FIELD(snd_wnd),
	/* Younger than the header of Linux 6.1 */
	{ "rcv_wnd", 232, 4 }, { "rehash", 236, 4 }, { "total_rto", 240, 2 },
	{ "total_rto_recoveries", 242, 2 }, { "total_rto_time", 244, 4 },
};

bool info_field(const void *info, const char *name, int64_t *value)
{
	const struct tcp_info *i = info;
	const char *at = info;
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	if (!strcmp(name, "snd_wscale")) {
		*value = i->tcpi_snd_wscale;
		return true;
	}
	if (!strcmp(name, "rcv_wscale")) {
		*value = i->tcpi_rcv_wscale;
		return true;
	}
	if (!strcmp(name, "app_limited")) {
		*value = i->tcpi_delivery_rate_app_limited;
		return true;
	}
	if (!strcmp(name, "fastopen_client_fail")) {
		*value = i->tcpi_fastopen_client_fail;
		return true;
	}
	for (size_t n = 0; n < sizeof(fields) / sizeof(*fields); n++) {
		if (strcmp(fields[n].name, name))
			continue;
		at += fields[n].at;
		switch (fields[n].size) {
		case 1:
			*value = *(const uint8_t *)at;
			return true;
		case 2:
			memcpy(&u16, at, sizeof(u16));
			*value = u16;
			return true;
		case 4:
			memcpy(&u32, at, sizeof(u32));
			*value = u32;
			return true;
		default:
			memcpy(&u64, at, sizeof(u64));
			*value = u64;
			return true;
		}
	}
	return false;
}
