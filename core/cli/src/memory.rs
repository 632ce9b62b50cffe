//! How the program takes memory from the system.

/// Keeps what was given back for the next image. By default glibc takes every large array from the system anew, which then clears each page of
/// it: that was two fifths of the time of a bank of whole images. The most that is taken at a time was within a tenth of what it had been.
///
/// What is kept lies in arenas, and by default nearly every thread has one of its own: what one thread gave back was of no use to another, and a
/// batch on two threads took 2.7 times as much as on one. With one arena for all it takes 1.9 times as much, in the same time.
pub fn keep() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: these set numbers of the allocator, before the program has a second thread. Where one is refused, the default stays.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
