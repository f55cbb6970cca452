/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/privileges.h"

#include <pktt/type.h>

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/own.h"

static const unsigned int kept[] = { CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, CAP_PERFMON };

/* Of what is kept, what this process has: inside a container it may be less. */
static void choose(void)
{
	bool has[pktt_countof(kept)];

	capng_get_caps_process();
	for (size_t i = 0; i < pktt_countof(kept); i++)
		has[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]) != 0;
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < pktt_countof(kept); i++)
		if (has[i])
			capng_update(CAPNG_ADD,
				     CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
				     kept[i]);
}

int privileges_user(const char *user, uid_t *uid, gid_t *gid, struct pktt_error *err)
{
	const struct passwd *pw = *user ? getpwnam(user) : NULL;

	if (*user && !pw)
		return pktt_fail(err, -ENOENT, "there is no user %.60s", user);
	*uid = pw ? pw->pw_uid : geteuid();
	*gid = pw ? pw->pw_gid : getegid();
	return 0;
}

int privileges_drop(const char *user, struct pktt_error *err)
{
	uid_t uid;
	gid_t gid;
	int r = privileges_user(user, &uid, &gid, err);

	if (r)
		return r;
	if (geteuid() == 0) {
		choose();
		r = *user ? capng_change_id((int)uid, (int)gid,
					    CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING)
			  : capng_apply(CAPNG_SELECT_BOTH);
		if (r)
			return pktt_fail(err, -EPERM, "privileges cannot be given up (step %d)", r);
	} else if (uid != geteuid()) {
		return pktt_fail(err, -EPERM, "only root can become user %.60s", user);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return pktt_fail(err, -errno, "no_new_privs: %s", strerror(errno));
	return 0;
}

/* What the C library, the bus, threads, files of the state folder and sanitizers call. */
static const char *const allowed[] = {
	"accept4",
	"access",
	"arch_prctl",
	"bind",
	"bpf",
	"brk",
	"chdir",
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"clone",
	"clone3",
	"close",
	"connect",
	"dup",
	"dup2",
	"dup3",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd2",
	"exit",
	"exit_group",
	"faccessat",
	"faccessat2",
	"fchmod",
	"fcntl",
	"fdatasync",
	"fstat",
	"fstatfs",
	"fsync",
	"ftruncate",
	"futex",
	"getcpu",
	"getcwd",
	"getdents64",
	"getegid",
	"geteuid",
	"getgid",
	"getpeername",
	"getpid",
	"getppid",
	"getpriority",
	"getrandom",
	"getrlimit",
	"getrusage",
	"getsockname",
	"getsockopt",
	"gettid",
	"gettimeofday",
	"getuid",
	"ioctl",
	"kill",
	"listen",
	"lseek",
	"lstat",
	"madvise",
	"membarrier",
	"mkdir",
	"mkdirat",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"nanosleep",
	"newfstatat",
	"open",
	"openat",
	"pipe2",
	"poll",
	"ppoll",
	"prctl",
	"pread64",
	"prlimit64",
	"pwrite64",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"rename",
	"renameat",
	"renameat2",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sched_getaffinity",
	"sched_getparam",
	"sched_getscheduler",
	"sched_yield",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"set_robust_list",
	"set_tid_address",
	"setsockopt",
	"shutdown",
	"sigaltstack",
	"signalfd4",
	"socket",
	"socketpair",
	"stat",
	"statfs",
	"statx",
	"sysinfo",
	"tgkill",
	"timerfd_create",
	"timerfd_gettime",
	"timerfd_settime",
	"umask",
	"uname",
	"unlink",
	"unlinkat",
	"write",
	"writev",
#ifdef __SANITIZE_ADDRESS__
	/* A sanitizer looks at its own process when it ends. */
	"getdents",
	"ptrace",
	"wait4",
#endif
};

int privileges_seccomp(struct pktt_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter ? 0 : -ENOMEM;

	/* A call that this architecture does not have needs no rule. */
	for (size_t i = 0; r == 0 && i < pktt_countof(allowed); i++) {
		int nr = seccomp_syscall_resolve_name(allowed[i]);

		if (nr != __NR_SCMP_ERROR)
			r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 0);
	}
	if (r == 0)
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	if (r == 0)
		r = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return r ? pktt_fail(err, r, "seccomp: %s", strerror(-r)) : 0;
}
