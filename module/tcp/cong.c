// SPDX-License-Identifier: GPL-2.0
/*
 * The choice of a congestion control: a list that modules add to, searched
 * by name.  A connection holds the module of the one that it uses, a route the
 * module of the one that it names.
 *
 * The program's choice (TCP_CONGESTION) goes before the route's, that before
 * the namespace's (net.mini.tcp_congestion_control).
 *
 * Changes of the list hold mini_tcp_cong_lock; readers rcu_read_lock().
 */
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tcp_int.h"

static LIST_HEAD(mini_tcp_cong_list);
static DEFINE_SPINLOCK(mini_tcp_cong_lock);

static struct mini_cc_ops *mini_tcp_cong_find(const char *name)
{
	struct mini_cc_ops *ops;

	/* By the name that Linux has for it, too: programs ask for that. */
	if (!strcmp(name, "reno"))
		name = mini_tcp_newreno.name;
	list_for_each_entry_rcu(ops, &mini_tcp_cong_list, list,
				lockdep_is_held(&mini_tcp_cong_lock))
		if (!strcmp(ops->name, name))
			return ops;
	return NULL;
}

static struct mini_cc_ops *const mini_tcp_cong_own[] = {
	&mini_tcp_cubic,
	&mini_tcp_newreno,
	&mini_tcp_bbr,
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
 * mini_tcp_cong_load() - is there a control of that name?
 * @name: a module that calls itself mini-cc-@name may be loaded for it, if
 *	the caller has CAP_NET_ADMIN
 *
 * Context: process, may sleep.
 */
bool mini_tcp_cong_load(const char *name)
{
	int i;

	for (i = 0; i < 2; i++) {
		bool found;

		rcu_read_lock();
		found = mini_tcp_cong_find(name);
		rcu_read_unlock();
		if (found)
			return true;
		if (i || !name[0] || !capable(CAP_NET_ADMIN))
			break;
		request_module("mini-cc-%s", name);
	}
	return false;
}

/**
 * mini_tcp_cong_get() - keep a control's module for somebody who has its name
 * @name: of the control
 * @owner: receives the module, for module_put(); NULL: there is nothing to put
 *
 * None is loaded: mini_tcp_cong_load() does, where no lock is held.
 *
 * Context: process.  Return: 0; -ENOENT without a control of that
 * name; -EBUSY if its module is going.
 */
int mini_tcp_cong_get(const char *name, struct module **owner)
{
	const struct mini_cc_ops *ops;
	int err = 0;

	*owner = NULL;
	rcu_read_lock();
	ops = mini_tcp_cong_find(name);
	if (!ops)
		err = -ENOENT;
	else if (!mini_tcp_cong_hold(ops))
		err = -EBUSY;
	else if (ops->owner != THIS_MODULE)
		*owner = ops->owner;
	rcu_read_unlock();
	return err;
}

/* The control hears of nothing from here on. */
static void mini_tcp_cong_stop(struct mini_cc *cc)
{
	if (!cc->started)
		return;
	if (cc->ops->release)
		cc->ops->release(cc);
	cc->started = 0;
	if (cc->priv != &cc->word)
		kfree(cc->priv);
	cc->priv = NULL;
}

/**
 * mini_tcp_cong_begin() - the control is needed: something will be sent
 * @tp: connection, locked; its control was not started
 *
 * Without memory for what its control keeps, a connection has newreno.
 */
void mini_tcp_cong_begin(struct mini_tcp_sock *tp)
{
	struct mini_cc *cc = &tp->cc;
	size_t size = cc->ops->priv_size ?: MINI_CC_PRIV;

	if (size > sizeof(cc->word)) {
		cc->priv = kzalloc(size, GFP_ATOMIC);
		if (!cc->priv) {
			mini_tcp_cong_put(cc->ops);
			WRITE_ONCE(cc->ops, &mini_tcp_newreno);
		}
	}
	if (!cc->priv) {
		cc->word = 0;
		cc->priv = &cc->word;
	}
	cc->srtt_us = tp->srtt_us >> 3;
	cc->snd_una = tp->snd_una;
	cc->snd_nxt = tp->snd_nxt;
	cc->started = 1;
	if (cc->ops->init)
		cc->ops->init(cc);
}

/**
 * mini_tcp_cong_start() - nothing that a control knew holds any more
 * @tp: connection, locked; established, or about to be
 *
 * It is started with the first segment that is sent from here on, or at once if
 * one is on its way.
 */
void mini_tcp_cong_start(struct mini_tcp_sock *tp)
{
	struct mini_cc *cc = &tp->cc;

	mini_tcp_cong_stop(cc);
	cc->pacing_rate = 0;
	/* How long the control before would have waited is of no interest. */
	if (mini_tcp_has_flight(tp))
		tp->fl->pace_next = 0;
	if (tp->rtx_tail)
		mini_tcp_cong_begin(tp);
}

/* Put @ops, held, in the place of what is used. */
static void mini_tcp_cong_swap(struct mini_tcp_sock *tp,
			       const struct mini_cc_ops *ops)
{
	const struct mini_cc_ops *old = tp->cc.ops;
	bool started = tp->cc.started;

	mini_tcp_cong_stop(&tp->cc);
	/* Never NULL in between: a handshake may be cloning the listener. */
	WRITE_ONCE(tp->cc.ops, ops);
	mini_tcp_cong_put(old);
	if (started) {
		mini_tcp_cong_start(tp);
		mini_tcp_cong_need(tp);
	}
}

/**
 * mini_tcp_cong_set() - change a socket's control
 * @tp: socket, lock held
 * @name: of the control
 * @any: also one that is not for everybody
 *
 * Return: 0, -ENOENT if there is none of that name, -EPERM if it is not for
 * this program, -EBUSY if its module is going.
 */
int mini_tcp_cong_set(struct mini_tcp_sock *tp, const char *name, bool any)
{
	const struct mini_cc_ops *ops;
	int err = 0;

	rcu_read_lock();
	ops = mini_tcp_cong_find(name);
	if (!ops)
		err = -ENOENT;
	else if (ops == tp->cc.ops)
		ops = NULL;
	else if (!any && !READ_ONCE(ops->allowed))
		err = -EPERM;
	else if (!mini_tcp_cong_hold(ops))
		err = -EBUSY;
	rcu_read_unlock();
	if (!err && ops)
		mini_tcp_cong_swap(tp, ops);
	return err;
}

/**
 * mini_tcp_cong_choose() - TCP_CONGESTION
 * @tp: socket, lock held
 * @name: of the control
 * @any: the program has CAP_NET_ADMIN
 *
 * Return: as mini_tcp_cong_set().
 */
int mini_tcp_cong_choose(struct mini_tcp_sock *tp, const char *name, bool any)
{
	int err = mini_tcp_cong_set(tp, name, any);

	if (!err)
		tp->cc_chosen = 1;
	return err;
}

/**
 * mini_tcp_cong_pick() - a connection gets its control
 * @tp: connection, locked; its path is looked up
 *
 * By the route, else by the namespace, unless the program chose.  What is not
 * there any more leaves all as it is.
 */
void mini_tcp_cong_pick(struct mini_tcp_sock *tp)
{
	const char *name = tp->ms.path.congctl;

	if (tp->cc_chosen)
		return;
	if (!name[0])
		name = mini_tcp_mn(tp)->sysctl.tcp_congestion_control;
	if (strcmp(name, tp->cc.ops->name))
		mini_tcp_cong_set(tp, name, true);
}

/*
 * A child's control is its listener's, until mini_tcp_cong_pick(): hold it.
 * The listener was copied without its lock, perhaps while it was closing: then
 * it has none.
 */
void mini_tcp_cong_inherit(struct mini_tcp_sock *child)
{
	child->cc.started = 0;
	child->cc.priv = NULL;
	child->cc.pacing_rate = 0;
	if (!child->cc.ops || !mini_tcp_cong_hold(child->cc.ops))
		child->cc.ops = &mini_tcp_newreno;
}

void mini_tcp_cong_release(struct mini_tcp_sock *tp)
{
	const struct mini_cc_ops *ops = tp->cc.ops;

	if (!ops)
		return;
	mini_tcp_cong_stop(&tp->cc);
	tp->cc.ops = NULL;
	mini_tcp_cong_put(ops);
}

const char *mini_tcp_cong_name(const struct sock *sk)
{
	const struct mini_cc_ops *ops = READ_ONCE(mini_tcp_sk(sk)->cc.ops);

	return ops ? ops->name : "";
}

/**
 * mini_tcp_cong_names() - the controls there are
 * @buf: receives their names, a space between two; what does not fit is left
 *	out
 * @size: octets there
 * @allowed: only those that are for everybody
 *
 * Context: any.
 */
void mini_tcp_cong_names(char *buf, size_t size, bool allowed)
{
	const struct mini_cc_ops *ops;
	size_t len = 0;

	buf[0] = '\0';
	rcu_read_lock();
	list_for_each_entry_rcu(ops, &mini_tcp_cong_list, list) {
		if (allowed && !READ_ONCE(ops->allowed))
			continue;
		len += scnprintf(buf + len, size - len, "%s%s", len ? " " : "",
				 ops->name);
	}
	rcu_read_unlock();
}

/* The next word of a list, cut to what a name may be; NULL: no more. */
static const char *mini_tcp_cong_word(const char *list, char *name)
{
	size_t len;

	list = skip_spaces(list);
	len = strcspn(list, " \t\n");
	if (!len)
		return NULL;
	strscpy(name, list, min_t(size_t, len + 1, MINI_CC_NAME_MAX));
	return list + len;
}

/**
 * mini_tcp_cong_allow() - let every program choose these controls, no others
 * @list: names with white space between them
 *
 * Context: process.  Return: 0; -ENOENT if one does not exist: then nothing
 * changed.
 */
int mini_tcp_cong_allow(const char *list)
{
	char name[MINI_CC_NAME_MAX];
	struct mini_cc_ops *ops;
	const char *at;
	int err = 0;

	spin_lock(&mini_tcp_cong_lock);
	for (at = list; (at = mini_tcp_cong_word(at, name)) != NULL;)
		if (!mini_tcp_cong_find(name))
			err = -ENOENT;
	if (!err) {
		list_for_each_entry(ops, &mini_tcp_cong_list, list)
			WRITE_ONCE(ops->allowed, false);
		for (at = list; (at = mini_tcp_cong_word(at, name)) != NULL;)
			WRITE_ONCE(mini_tcp_cong_find(name)->allowed, true);
	}
	spin_unlock(&mini_tcp_cong_lock);
	return err;
}

/**
 * mini_tcp_cong_default() - may a namespace use this control by default?
 * @name: of the control; loaded if need be
 * @allow: let every program choose it, too
 *
 * Context: process, may sleep.  Return: 0, -ENOENT.
 */
int mini_tcp_cong_default(const char *name, bool allow)
{
	struct mini_cc_ops *ops;

	mini_tcp_cong_load(name);
	spin_lock(&mini_tcp_cong_lock);
	ops = mini_tcp_cong_find(name);
	if (ops && allow)
		WRITE_ONCE(ops->allowed, true);
	spin_unlock(&mini_tcp_cong_lock);
	return ops ? 0 : -ENOENT;
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
