//! How the program takes memory from the system.

/// Keeps what was given back for the next image. By default glibc takes every large array from the system anew, which then clears each page of
/// it: that was two fifths of the time of a bank of whole images. The most that is taken at a time was within a tenth of what it had been.
pub fn keep() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: these set two numbers of the allocator, before the program has a second thread. Where one is refused, the default stays.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
    }
}
