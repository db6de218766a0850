// SPDX-License-Identifier: GPL-2.0
/*
 * Devices as a program sees them: SO_BINDTODEVICE, and the ioctls that list
 * interfaces and addresses.
 */
#include <net/if_arp.h>
#include <linux/sockios.h>

#include "sock.h"

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX	62
#endif
#define BAD_POINTER		((void *)8)

static int device_ioctl(int fd, unsigned long cmd, struct ifreq *ifr,
			const char *name)
{
	memset(ifr, 0, sizeof(*ifr));
	snprintf(ifr->ifr_name, IFNAMSIZ, "%s", name);
	return ioctl(fd, cmd, ifr);
}

static in_addr_t ifr_address(const struct ifreq *ifr)
{
	return ((const struct sockaddr_in *)&ifr->ifr_addr)->sin_addr.s_addr;
}

TEST_F(sock, bindtodevice_reads_back)
{
	char name[IFNAMSIZ] = {};
	socklen_t len = sizeof(name);
	int fd = udp_socket(self->family);

	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	EXPECT_EQ(0, len);
	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	len = sizeof(name);
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	EXPECT_EQ(3, len);
	EXPECT_STREQ("lo", name);
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	len = 4;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name,
					&len));
	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 1));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	close(fd);
}

TEST_F(sock, bindtoifindex)
{
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX, 1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX, -1));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX, 0));
	close(fd);
}

TEST_F(sock, bindtodevice_changed_without_a_capability)
{
	int fd;

	ASSERT_OK(setresuid(65534, 65534, 65534));
	fd = udp_socket(self->family);
	EXPECT_ERRNO(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	EXPECT_ERRNO(EPERM, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	EXPECT_ERRNO(EPERM, set_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX, 0));
	close(fd);
}

TEST_F(sock, bindtodevice_datagrams_of_the_device)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char byte;

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(sock, bindtodevice_connection_over_the_device)
{
	int listener = tcp_socket(self->family);
	int fd = tcp_socket(self->family);

	ASSERT_OK(setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	ASSERT_OK(bind_to(listener, "127.0.0.1", 0));
	ASSERT_OK(listen(listener, 1));
	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(listener)));
	close(fd);
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	close(fd);
	close(listener);
}

TEST_F(sock, bindtodevice_ends_with_disconnect)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	int one = bound_reuse(self->family, SOCK_DGRAM, 0, 1);
	int fd = udp_socket(self->family);

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(one)));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	ASSERT_OK(connect(fd, &sa, sizeof(sa)));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
	close(one);
	close(fd);
}

/* Who is bound to a device meets who is bound to none. */
TEST_F(sock, bindtodevice_and_a_port_in_use)
{
	int one = udp_bound(self->family, "127.0.0.1");
	int two = udp_socket(self->family);

	ASSERT_OK(setsockopt(two, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	EXPECT_ERRNO(EADDRINUSE, bind_to(two, "127.0.0.1", local_port(one)));
	close(one);
	close(two);
}

TEST_F(sock, bindtodevice_of_the_device_comes_first)
{
	int one = bound_reuse(self->family, SOCK_DGRAM, 0, 1);
	struct sockaddr_in sin = lo(local_port(one));
	int two;

	ASSERT_OK(setsockopt(one, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	two = bound_reuse(self->family, SOCK_DGRAM, local_port(one), 1);
	ASSERT_LE(0, two);
	ASSERT_EQ(1, sendto(two, "x", 1, 0, SA(sin)));
	EXPECT_EQ(POLLIN, poll_for(one, POLLIN, LONG_MS));
	EXPECT_EQ(0, poll_for(two, POLLIN, 0));
	close(one);
	close(two);
}

TEST_F(sock, ioctl_index_and_name)
{
	int fd = udp_socket(self->family);
	struct ifreq ifr;

	ASSERT_OK(device_ioctl(fd, SIOCGIFINDEX, &ifr, "lo"));
	EXPECT_EQ(1, ifr.ifr_ifindex);
	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_ifindex = 1;
	ASSERT_OK(ioctl(fd, SIOCGIFNAME, &ifr));
	EXPECT_STREQ("lo", ifr.ifr_name);
	EXPECT_ERRNO(ENODEV, device_ioctl(fd, SIOCGIFINDEX, &ifr, "nosuch"));
	close(fd);
}

TEST_F(sock, ioctl_flags_mtu_and_hardware)
{
	int fd = tcp_socket(self->family);
	struct ifreq ifr;

	ASSERT_OK(device_ioctl(fd, SIOCGIFFLAGS, &ifr, "lo"));
	EXPECT_EQ(IFF_UP | IFF_LOOPBACK,
		  ifr.ifr_flags & (IFF_UP | IFF_LOOPBACK));
	ASSERT_OK(device_ioctl(fd, SIOCGIFMTU, &ifr, "lo"));
	EXPECT_EQ(65536, ifr.ifr_mtu);
	ASSERT_OK(device_ioctl(fd, SIOCGIFHWADDR, &ifr, "lo"));
	EXPECT_EQ(ARPHRD_LOOPBACK, ifr.ifr_hwaddr.sa_family);
	ASSERT_OK(device_ioctl(fd, SIOCGIFTXQLEN, &ifr, "lo"));
	close(fd);
}

TEST_F(sock, ioctl_addresses_of_the_loopback)
{
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };
	struct ifreq ifr;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		ASSERT_OK(device_ioctl(fds[i], SIOCGIFADDR, &ifr, "lo"));
		EXPECT_EQ(AF_INET, ifr.ifr_addr.sa_family);
		EXPECT_EQ(htonl(INADDR_LOOPBACK), ifr_address(&ifr));
		EXPECT_STREQ("lo", ifr.ifr_name);
		ASSERT_OK(device_ioctl(fds[i], SIOCGIFNETMASK, &ifr, "lo"));
		EXPECT_EQ(htonl(0xff000000), ifr_address(&ifr));
		ASSERT_OK(device_ioctl(fds[i], SIOCGIFBRDADDR, &ifr, "lo"));
		EXPECT_EQ(0, ifr_address(&ifr));
		ASSERT_OK(device_ioctl(fds[i], SIOCGIFDSTADDR, &ifr, "lo"));
		EXPECT_EQ(htonl(INADDR_LOOPBACK), ifr_address(&ifr));
	}
}

TEST_F(sock, ioctl_addresses_of_no_device)
{
	int fd = udp_socket(self->family);
	struct ifreq ifr;

	EXPECT_ERRNO(ENODEV, device_ioctl(fd, SIOCGIFADDR, &ifr, "nosuch"));
	EXPECT_ERRNO(ENODEV, device_ioctl(fd, SIOCGIFNETMASK, &ifr, ""));
	EXPECT_ERRNO(EFAULT, ioctl(fd, SIOCGIFADDR, BAD_POINTER));
	close(fd);
}

TEST_F(sock, ioctl_list_of_addresses)
{
	struct ifreq list[16];
	struct ifconf ifc = { .ifc_len = sizeof(list), .ifc_req = list };
	int fd = udp_socket(self->family);
	bool found = false;

	ASSERT_OK(ioctl(fd, SIOCGIFCONF, &ifc));
	EXPECT_EQ(0, ifc.ifc_len % (int)sizeof(struct ifreq));
	for (size_t i = 0; i < ifc.ifc_len / sizeof(struct ifreq); i++) {
		EXPECT_EQ(AF_INET, list[i].ifr_addr.sa_family);
		if (!strcmp(list[i].ifr_name, "lo"))
			found = ifr_address(&list[i]) == htonl(INADDR_LOOPBACK);
	}
	EXPECT_TRUE(found);
	close(fd);
}

TEST_F(sock, ioctl_list_its_length)
{
	struct ifreq list[1];
	struct ifconf ifc = {};
	int fd = udp_socket(self->family);

	/* Without a buffer: how much there is. */
	ASSERT_OK(ioctl(fd, SIOCGIFCONF, &ifc));
	EXPECT_LE((int)sizeof(struct ifreq), ifc.ifc_len);
	/* Not even one has room. */
	ifc.ifc_len = sizeof(struct ifreq) - 1;
	ifc.ifc_req = list;
	ASSERT_OK(ioctl(fd, SIOCGIFCONF, &ifc));
	EXPECT_EQ(0, ifc.ifc_len);
	ifc.ifc_len = sizeof(list);
	ASSERT_OK(ioctl(fd, SIOCGIFCONF, &ifc));
	EXPECT_EQ((int)sizeof(list), ifc.ifc_len);
	ifc.ifc_len = sizeof(list);
	ifc.ifc_buf = BAD_POINTER;
	EXPECT_ERRNO(EFAULT, ioctl(fd, SIOCGIFCONF, &ifc));
	EXPECT_ERRNO(EFAULT, ioctl(fd, SIOCGIFCONF, BAD_POINTER));
	close(fd);
}

TEST_F(sock, ioctl_nobody_knows)
{
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };
	char buf[256] = {};

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_ERRNO(ENOTTY, ioctl(fds[i], 0x12345678, buf));
		EXPECT_ERRNO(ENOTTY, ioctl(fds[i], 0x5401, buf));
	}
}

TEST_F(sock, ioctl_time_stamp_of_no_packet)
{
	struct timeval tv;
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(ENOENT, ioctl(fd, SIOCGSTAMP, &tv));
	close(fd);
}

TEST_F(sock, ioctl_time_stamp_of_the_last_packet)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	struct timespec ts = {};
	struct timeval tv = {};
	char byte;

	/* Whoever asks once is told from the next packet on. */
	ioctl(fd, SIOCGSTAMP, &tv);
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	ASSERT_EQ(1, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(0, ioctl(fd, SIOCGSTAMP, &tv));
	EXPECT_LT(0, tv.tv_sec);
	EXPECT_ERRNO(0, ioctl(fd, SIOCGSTAMPNS, &ts));
	EXPECT_EQ(tv.tv_sec, ts.tv_sec);
	close(fd);
}

TEST_F(sock, ioctl_queues_of_a_listener)
{
	static const unsigned long cmds[] = { FIONREAD, SIOCOUTQ, SIOCOUTQNSD };
	int fd = tcp_listener(self->family, "127.0.0.1", 1);
	int value;

	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		EXPECT_ERRNO(EINVAL, ioctl(fd, cmds[i], &value));
	close(fd);
}

TEST_F(sock, ioctl_queues_of_a_closed_socket)
{
	static const unsigned long cmds[] = {
		FIONREAD, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK,
	};
	int fd = tcp_socket(self->family);
	int value;

	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		value = -1;
		EXPECT_ERRNO(0, ioctl(fd, cmds[i], &value));
		EXPECT_EQ(0, value);
		EXPECT_ERRNO(EFAULT, ioctl(fd, cmds[i], BAD_POINTER));
	}
	close(fd);
}

TEST_F(sock, ioctl_of_streams_on_a_datagram_socket)
{
	int fd = udp_socket(self->family);
	int value = 0;

	EXPECT_ERRNO(ENOTTY, ioctl(fd, SIOCATMARK, &value));
	EXPECT_ERRNO(0, ioctl(fd, SIOCOUTQ, &value));
	EXPECT_EQ(0, value);
	close(fd);
}

TEST_F(sock, ioctl_owner)
{
	int pid = getpid();
	int value = 0;
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, ioctl(fd, FIOSETOWN, &pid));
	EXPECT_ERRNO(0, ioctl(fd, FIOGETOWN, &value));
	EXPECT_EQ(pid, value);
	EXPECT_EQ(pid, fcntl(fd, F_GETOWN));
	close(fd);
}

TEST_HARNESS_MAIN
