/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of TCP's tests by frames: over Linux to see that the test is
 * right, over AF_MINI by a device with a link header and by one without.
 */
#ifndef SELFTESTS_FRAMES_TCP_H
#define SELFTESTS_FRAMES_TCP_H

FIXTURE(tcp) {
	struct wire w;
	bool mini;
};

FIXTURE_VARIANT(tcp) {
	const char *family;
	bool tun;
};

FIXTURE_VARIANT_ADD(tcp, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(tcp, mini_tap) {
	.family = "mini",
};

FIXTURE_VARIANT_ADD(tcp, mini_tun) {
	.family = "mini",
	.tun = true,
};

FIXTURE_SETUP(tcp)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, variant->tun));
	self->mini = self->w.family != AF_INET;
}

FIXTURE_TEARDOWN(tcp)
{
	wire_close(&self->w);
}

#endif /* SELFTESTS_FRAMES_TCP_H */
