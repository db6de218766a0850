// SPDX-License-Identifier: GPL-2.0
/*
 * The choice of a congestion control: a list that modules add to, searched
 * by name.  A connection holds the module of the one that it uses.
 *
 * Changes hold mini_tcp_cong_lock; readers rcu_read_lock().
 */
#include <linux/module.h>
#include <linux/rculist.h>

#include "tcp_int.h"

static LIST_HEAD(mini_tcp_cong_list);
static DEFINE_SPINLOCK(mini_tcp_cong_lock);

static struct mini_cc_ops *mini_tcp_cong_find(const char *name)
{
	struct mini_cc_ops *ops;

	list_for_each_entry_rcu(ops, &mini_tcp_cong_list, list,
				lockdep_is_held(&mini_tcp_cong_lock))
		if (!strcmp(ops->name, name))
			return ops;
	return NULL;
}

static struct mini_cc_ops *const mini_tcp_cong_own[] = {
	&mini_tcp_cubic,
	&mini_tcp_newreno,
};

/**
 * mini_cc_register() - offer a congestion control
 * @ops: stays until mini_cc_unregister(); complete, see struct mini_cc_ops
 *
 * Context: process.  Return: 0; -EINVAL if incomplete; -EEXIST if the name is
 * taken.
 */
int mini_cc_register(struct mini_cc_ops *ops)
{
	int err = 0;

	if (!ops->ssthresh || (!ops->acked && !ops->control) || !ops->name[0] ||
	    strnlen(ops->name, sizeof(ops->name)) == sizeof(ops->name))
		return -EINVAL;

	spin_lock(&mini_tcp_cong_lock);
	if (mini_tcp_cong_find(ops->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&ops->list, &mini_tcp_cong_list);
	spin_unlock(&mini_tcp_cong_lock);
	return err;
}
EXPORT_SYMBOL_GPL(mini_cc_register);

/**
 * mini_cc_unregister() - withdraw a congestion control
 * @ops: no connection uses it: they hold its module
 *
 * Context: process, may sleep.
 */
void mini_cc_unregister(struct mini_cc_ops *ops)
{
	spin_lock(&mini_tcp_cong_lock);
	list_del_rcu(&ops->list);
	spin_unlock(&mini_tcp_cong_lock);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(mini_cc_unregister);

bool mini_tcp_cong_exists(const char *name)
{
	bool found;

	rcu_read_lock();
	found = mini_tcp_cong_find(name);
	rcu_read_unlock();
	return found;
}

/*
 * The module's own controls take no reference: an orphan would keep the
 * module from going, and a going module ends its orphans.
 */
static bool mini_tcp_cong_hold(const struct mini_cc_ops *ops)
{
	return ops->owner == THIS_MODULE || try_module_get(ops->owner);
}

static void mini_tcp_cong_put(const struct mini_cc_ops *ops)
{
	if (ops && ops->owner != THIS_MODULE)
		module_put(ops->owner);
}

/**
 * mini_tcp_cong_set() - TCP_CONGESTION: change a socket's control
 * @tp: socket, lock held
 * @name: of the control
 *
 * Return: 0, -ENOENT if there is none of that name.
 */
int mini_tcp_cong_set(struct mini_tcp_sock *tp, const char *name)
{
	const struct mini_cc_ops *ops, *old = tp->cc.ops;

	rcu_read_lock();
	ops = mini_tcp_cong_find(name);
	if (!ops || !mini_tcp_cong_hold(ops)) {
		rcu_read_unlock();
		return -ENOENT;
	}
	rcu_read_unlock();
	if (old && old->release)
		old->release(&tp->cc);
	/* Never NULL in between: a handshake may be cloning the listener. */
	WRITE_ONCE(tp->cc.ops, ops);
	mini_tcp_cong_put(old);
	mini_tcp_cong_start(tp);
	return 0;
}

void mini_tcp_cong_start(struct mini_tcp_sock *tp)
{
	memset(tp->cc.priv, 0, sizeof(tp->cc.priv));
	if (tp->cc.ops->init)
		tp->cc.ops->init(&tp->cc);
}

/*
 * A child's control is its listener's: hold and start it anew.  The listener
 * was copied without its lock, perhaps while it was closing: then it has none.
 */
void mini_tcp_cong_inherit(struct mini_tcp_sock *child)
{
	if (!child->cc.ops || !mini_tcp_cong_hold(child->cc.ops))
		child->cc.ops = &mini_tcp_newreno;
	mini_tcp_cong_start(child);
}

void mini_tcp_cong_release(struct mini_tcp_sock *tp)
{
	const struct mini_cc_ops *ops = tp->cc.ops;

	if (!ops)
		return;
	if (ops->release)
		ops->release(&tp->cc);
	tp->cc.ops = NULL;
	mini_tcp_cong_put(ops);
}

const char *mini_tcp_cong_name(const struct sock *sk)
{
	const struct mini_cc_ops *ops = READ_ONCE(mini_tcp_sk(sk)->cc.ops);

	return ops ? ops->name : "";
}

/**
 * mini_tcp_cong_init() - offer the module's own controls
 *
 * Context: process.  Return: 0 or mini_cc_register()'s error.
 */
int mini_tcp_cong_init(void)
{
	int err;
	int i;

	for (i = 0; i < ARRAY_SIZE(mini_tcp_cong_own); i++) {
		err = mini_cc_register(mini_tcp_cong_own[i]);
		if (err)
			goto undo;
	}
	return 0;
undo:
	while (i--)
		mini_cc_unregister(mini_tcp_cong_own[i]);
	return err;
}

void mini_tcp_cong_exit(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mini_tcp_cong_own); i++)
		mini_cc_unregister(mini_tcp_cong_own[i]);
}
