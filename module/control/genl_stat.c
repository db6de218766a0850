// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: counters, one message each.
 *
 * Locks on entry: none.
 */
#include "control_int.h"

int mini_genl_stat_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mini_net *mn = mini_genl_dump_net(cb);

	for (; cb->args[0] < MINI_STAT_COUNT; cb->args[0]++) {
		unsigned int i = cb->args[0];
		void *hdr;

		hdr = mini_genl_dump_put(skb, cb, MINI_CMD_STAT_GET);
		if (!hdr)
			break;
		if (nla_put_string(skb, MINI_A_STAT_NAME, mini_stat_name(i)) ||
		    nla_put_u64_64bit(skb, MINI_A_STAT_VALUE,
				      mini_stat_value(mn, i),
				      MINI_A_STAT_PAD)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
	}
	return skb->len;
}
