/* SPDX-License-Identifier: GPL-2.0 */
/* Groups: what programs that test multicast share. */
#ifndef SELFTESTS_MCAST_H
#define SELFTESTS_MCAST_H

#include "kselftest_harness.h"
#include "frames.h"

#define GROUP		"239.1.2.3"
#define OTHER_GROUP	"239.1.2.4"
/* Its MAC address is GROUP's */
#define TWIN_GROUP	"239.129.2.3"
#define THIRD		"10.0.0.3"
#define NOT_OURS	"192.0.2.1"
#define BAD_POINTER	((void *)8)

FIXTURE(mcast) {
	struct wire w;
	int family;
	int fd;
	int port;
};

FIXTURE_VARIANT(mcast) {
	const char *family;
};

FIXTURE_VARIANT_ADD(mcast, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(mcast, mini) {
	.family = "mini",
};

FIXTURE_SETUP(mcast)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, false));
	self->family = self->w.family;
	self->fd = udp_bound(self->family, "0.0.0.0");
	ASSERT_LE(0, self->fd);
	self->port = local_port(self->fd);
}

FIXTURE_TEARDOWN(mcast)
{
	close(self->fd);
	wire_close(&self->w);
}

static inline in_addr_t ip4(const char *text)
{
	return inet_addr(text);
}

static inline int member(int fd, int name, const char *group, const char *addr,
			 int ifindex)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = ip4(group),
		.imr_address.s_addr = ip4(addr),
		.imr_ifindex = ifindex,
	};

	return setsockopt(fd, IPPROTO_IP, name, &mreq, sizeof(mreq));
}

static inline int join(int fd, const char *group)
{
	return member(fd, IP_ADD_MEMBERSHIP, group, HOST, 0);
}

static inline int leave(int fd, const char *group)
{
	return member(fd, IP_DROP_MEMBERSHIP, group, HOST, 0);
}

static inline int source_on(int fd, int name, const char *group,
			    const char *addr, const char *src)
{
	struct ip_mreq_source mreq = {
		.imr_multiaddr.s_addr = ip4(group),
		.imr_interface.s_addr = ip4(addr),
		.imr_sourceaddr.s_addr = ip4(src),
	};

	return setsockopt(fd, IPPROTO_IP, name, &mreq, sizeof(mreq));
}

static inline int source(int fd, int name, const char *src)
{
	return source_on(fd, name, GROUP, HOST, src);
}

static inline int group_req(int fd, int name, const char *group, int ifindex)
{
	struct group_req req = { .gr_interface = ifindex };
	struct sockaddr_in sin = name_of(group, 0);

	memcpy(&req.gr_group, &sin, sizeof(sin));
	return setsockopt(fd, IPPROTO_IP, name, &req, sizeof(req));
}

static inline int group_source(int fd, int name, const char *group, int ifindex,
			       const char *src)
{
	struct group_source_req req = { .gsr_interface = ifindex };
	struct sockaddr_in sin = name_of(group, 0);

	memcpy(&req.gsr_group, &sin, sizeof(sin));
	sin = name_of(src, 0);
	memcpy(&req.gsr_source, &sin, sizeof(sin));
	return setsockopt(fd, IPPROTO_IP, name, &req, sizeof(req));
}

/* IP_MSFILTER with room for @room sources. */
struct msf {
	struct in_addr group;
	struct in_addr iface;
	uint32_t mode;
	uint32_t n;
	in_addr_t src[16];
};

#define MSF_SIZE(n)	(16 + 4 * (n))

static inline struct msf msf_of(const char *group, const char *addr, int mode,
				int n)
{
	struct msf m = {
		.group.s_addr = ip4(group),
		.iface.s_addr = ip4(addr),
		.mode = mode,
		.n = n,
	};

	for (int i = 0; i < n && i < 16; i++)
		m.src[i] = htonl(0x0a000002 + i);
	return m;
}

static inline int msf_set(int fd, const struct msf *m, socklen_t len)
{
	return setsockopt(fd, IPPROTO_IP, IP_MSFILTER, m, len);
}

/* Mode of GROUP's filter, and the number of its sources; -1 */
static inline int msf_mode(int fd, unsigned int *n)
{
	struct msf m = msf_of(GROUP, HOST, 7, 16);
	socklen_t len = sizeof(m);

	if (getsockopt(fd, IPPROTO_IP, IP_MSFILTER, &m, &len))
		return -1;
	*n = m.n;
	return m.mode;
}

static inline void mcast_mac(unsigned char *mac, in_addr_t group)
{
	uint32_t v = ntohl(group);

	memcpy(mac, "\x01\x00\x5e", 3);
	mac[3] = v >> 16 & 0x7f;
	mac[4] = v >> 8;
	mac[5] = v;
}

/* A datagram of one octet from @src to a group or a broadcast address. */
static inline void peer_sends(struct wire *w, const char *src, const char *dst,
			      int port, char octet)
{
	struct packet p;

	make_udp(w, &p, 5000, port, &octet, 1);
	ip_of(&p)->saddr = ip4(src);
	ip_of(&p)->daddr = ip4(dst);
	if (IN_MULTICAST(ntohl(ip4(dst))))
		mcast_mac(eth_of(&p)->h_dest, ip4(dst));
	else
		memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	fix_ip(&p);
	fix_l4(&p);
	wire_send(w, &p);
}

/* What the next datagram says; 0: none came. */
static inline char heard(int fd)
{
	char octet;

	return recv(fd, &octet, 1, 0) == 1 ? octet : 0;
}

/* Nothing but what is sent now comes: by unicast, after all else. */
static inline bool heard_nothing(struct wire *w, int fd)
{
	struct packet p;

	make_udp(w, &p, 5000, local_port(fd), "!", 1);
	wire_send(w, &p);
	return heard(fd) == '!';
}

static inline int bound_share(int family, const char *address, int port)
{
	int fd = udp_socket(family);

	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	if (bind_to(fd, address, port)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Two sockets of one port; the first is the second's twin. */
static inline bool two_of_a_port(int family, int fds[2])
{
	fds[0] = bound_share(family, "0.0.0.0", 0);
	fds[1] = bound_share(family, "0.0.0.0", local_port(fds[0]));
	return fds[0] >= 0 && fds[1] >= 0;
}

static inline ssize_t send_to(int fd, const char *addr, int port, char octet)
{
	struct sockaddr_in sin = name_of(addr, port);

	return sendto(fd, &octet, 1, 0, SA(sin));
}

/* The device lets frames of a group through. */
static inline bool device_takes(const char *dev, const char *group)
{
	char line[256], name[64], text[64], want[16];
	unsigned char mac[ETH_ALEN];
	bool found = false;
	FILE *f;

	mcast_mac(mac, ip4(group));
	for (int i = 0; i < ETH_ALEN; i++)
		sprintf(want + 2 * i, "%02x", mac[i]);
	f = fopen("/proc/self/net/dev_mcast", "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %63s %*d %*d %63s", name, text) == 2 &&
		    !strcmp(name, dev) && !strcmp(text, want))
			found = true;
	}
	if (f)
		fclose(f);
	return found;
}

static inline bool limit(int family, const char *name, long value)
{
	char path[128];

	snprintf(path, sizeof(path), "net/%s/%s",
		 family == AF_INET ? "ipv4" : "mini", name);
	return sysctl_set(path, value);
}

#endif /* SELFTESTS_MCAST_H */
