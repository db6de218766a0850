// SPDX-License-Identifier: GPL-2.0
/*
 * xdp DEVICE pass|drop: until it is killed, an XDP program decides what becomes
 * of the frames that the device's driver receives.
 */
#include <linux/bpf.h>
#include <err.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int load(int verdict)
{
	struct bpf_insn code[2] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (unsigned long)code,
		.insn_cnt = 2,
		.license = (unsigned long)"GPL",
	};

	return syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static int attach(int prog, int ifindex)
{
	union bpf_attr attr = {
		.link_create.prog_fd = prog,
		.link_create.target_ifindex = ifindex,
		.link_create.attach_type = BPF_XDP,
		.link_create.flags = 1 << 2,	/* XDP_FLAGS_DRV_MODE */
	};

	return syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

int main(int argc, char **argv)
{
	int prog, ifindex;

	if (argc != 3)
		errx(2, "usage: xdp DEVICE pass|drop");
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		err(2, "%s", argv[1]);
	prog = load(strcmp(argv[2], "drop") ? XDP_PASS : XDP_DROP);
	if (prog < 0)
		err(1, "the program");
	/* The link, and with it the program, is there until we end. */
	if (attach(prog, ifindex) < 0)
		err(1, "%s", argv[1]);
	puts("attached");
	fflush(stdout);
	pause();
	return 0;
}
