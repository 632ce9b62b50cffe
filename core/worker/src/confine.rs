//! What a worker is kept from: by landlock, by a filter of system calls, and by limits.

use std::{collections::BTreeMap, io, path::PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use serde::{Deserialize, Serialize};

/// What of the restrictions is in force.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Confinement {
    /// Files: `full`, `partial` (an older kernel), or `none`.
    pub files: String,
    /// Whether sockets, new processes, tracing and changes of files' attributes are refused.
    pub calls: bool,
    /// Most bytes of private memory, or 0 for no limit.
    pub memory_bytes: u64,
    /// What could not be enforced, and why.
    pub missing: Vec<String>,
}

/// What a worker may do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rights {
    /// Files and folders that it may read and execute.
    pub read: Vec<PathBuf>,
    /// Folders that it may write to.
    pub write: Vec<PathBuf>,
    /// Most bytes of private memory; shared segments do not count.
    pub memory_bytes: u64,
    /// Most bytes of one file, memory files included.
    pub file_bytes: u64,
}

/// Restricts this process, for good. To be called before it has a second thread.
pub fn confine(rights: &Rights) -> Confinement {
    let mut found = Confinement { memory_bytes: rights.memory_bytes, ..Confinement::default() };
    let limits = [
        (Resource::Data, rights.memory_bytes, "memory"),
        (Resource::Fsize, rights.file_bytes, "the size of files"),
        // A core file would hold the patient.
        (Resource::Core, 0, "core files"),
    ];
    for (resource, most, what) in limits {
        if let Err(cause) = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }) {
            found.missing.push(format!("a limit of {what}: {cause}"));
        }
    }
    match files(rights) {
        Ok(status) => {
            found.files = match status {
                RulesetStatus::FullyEnforced => "full",
                RulesetStatus::PartiallyEnforced => "partial",
                RulesetStatus::NotEnforced => "none",
            }
            .into();
            if status == RulesetStatus::NotEnforced {
                found.missing.push("files: this kernel has no landlock".into());
            }
        }
        Err(cause) => {
            found.files = "none".into();
            found.missing.push(format!("files: {cause}"));
        }
    }
    match calls() {
        Ok(()) => found.calls = true,
        Err(cause) => found.missing.push(format!("system calls: {cause}")),
    }
    found
}

/// Only the named places of the file system, no network, no signals to others.
fn files(rights: &Rights) -> Result<RulesetStatus, landlock::RulesetError> {
    let abi = ABI::V6;
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        // A place that is not there gets no rule, and stays closed.
        .add_rules(path_beneath_rules(&rights.read, AccessFs::from_read(abi)))?
        .add_rules(path_beneath_rules(&rights.write, AccessFs::from_all(abi)))?;
    Ok(ruleset.restrict_self()?.ruleset)
}

/// Refuses what no plugin needs, with "not permitted". Landlock alone does not close the network: it knows TCP only.
fn calls() -> Result<(), Box<dyn std::error::Error>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = refused().into_iter().map(|call| (call, Vec::new())).collect();
    let condition =
        |argument, operator, value| SeccompCondition::new(argument, SeccompCmpArgLen::Qword, operator, value);
    // A thread, yes; a process, no.
    let no_thread = condition(0, SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64), 0)?;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![no_thread])?]);
    // Its own limits may be asked for; those of others may not.
    let of_others = condition(0, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![of_others])?]);
    install(rules, libc::EPERM)?;
    // Its flags lie in memory, where a filter cannot look; a caller that is told that there is no such call takes `clone`.
    install(BTreeMap::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS)
}

fn install(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: i32) -> Result<(), Box<dyn std::error::Error>> {
    let architecture: TargetArch = std::env::consts::ARCH.try_into()?;
    let refuse = SeccompAction::Errno(errno.unsigned_abs());
    let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture)?.try_into()?;
    seccompiler::apply_filter(&program)?;
    Ok(())
}

fn refused() -> Vec<i64> {
    #[rustfmt::skip]
    let mut calls = vec![
        // The network, and sockets of any other kind; the one connection is there already.
        libc::SYS_socket, libc::SYS_socketpair, libc::SYS_connect, libc::SYS_bind, libc::SYS_listen, libc::SYS_accept,
        libc::SYS_accept4,
        // Other processes.
        libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev, libc::SYS_kill, libc::SYS_pidfd_open,
        libc::SYS_pidfd_send_signal, libc::SYS_pidfd_getfd, libc::SYS_setpgid, libc::SYS_setsid, libc::SYS_setpriority,
        libc::SYS_sched_setaffinity, libc::SYS_sched_setscheduler,
        // Attributes of files, which landlock leaves open.
        libc::SYS_fchmod, libc::SYS_fchmodat, libc::SYS_fchown, libc::SYS_fchownat, libc::SYS_utimensat,
        libc::SYS_setxattr, libc::SYS_fsetxattr, libc::SYS_lsetxattr, libc::SYS_removexattr, libc::SYS_fremovexattr,
        libc::SYS_lremovexattr,
        // The system.
        libc::SYS_mount, libc::SYS_umount2, libc::SYS_pivot_root, libc::SYS_chroot, libc::SYS_unshare, libc::SYS_setns,
        libc::SYS_bpf, libc::SYS_perf_event_open, libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_keyctl,
        libc::SYS_add_key, libc::SYS_request_key, libc::SYS_userfaultfd, libc::SYS_personality, libc::SYS_reboot,
        libc::SYS_kexec_load, libc::SYS_init_module, libc::SYS_finit_module, libc::SYS_delete_module, libc::SYS_swapon,
        libc::SYS_swapoff, libc::SYS_sethostname, libc::SYS_setdomainname, libc::SYS_clock_settime,
        libc::SYS_settimeofday, libc::SYS_quotactl,
    ];
    #[cfg(target_arch = "x86_64")]
    calls.extend([
        libc::SYS_fork,
        libc::SYS_vfork,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_lchown,
        libc::SYS_utime,
        libc::SYS_utimes,
        libc::SYS_futimesat,
    ]);
    calls
}

/// Ends this process when the program that started it ends.
///
/// # Errors
/// If it has ended already.
pub fn die_with(parent: u32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    match rustix::process::getppid() {
        Some(found) if found.as_raw_nonzero().get().unsigned_abs() == parent => Ok(()),
        _ => Err(io::Error::other("the program that started this worker has ended")),
    }
}
