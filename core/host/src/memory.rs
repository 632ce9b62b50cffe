//! Memory of the host that a plugin fills.

use std::{
    alloc::{Layout, alloc_zeroed, dealloc},
    ptr::NonNull,
};

/// Enough for every element and for the widest vector instructions.
const ALIGN: usize = 64;

/// Zeroed bytes, aligned to 64.
pub struct Memory {
    data: NonNull<u8>,
    layout: Layout,
}

// SAFETY: the bytes belong to whoever has this.
unsafe impl Send for Memory {}

impl Memory {
    /// So many bytes; none if there are not so many.
    pub fn zeroed(bytes: u64) -> Option<Self> {
        let layout = Layout::from_size_align(usize::try_from(bytes).ok()?.max(1), ALIGN).ok()?;
        // SAFETY: the layout is not of size 0.
        let data = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        Some(Self { data, layout })
    }

    /// Where the bytes are, and what [`release`](Self::release) takes to give them back.
    pub fn into_parts(self) -> (*mut u8, *mut ()) {
        let data = self.data.as_ptr();
        (data, Box::into_raw(Box::new(self)).cast())
    }

    /// Gives the bytes back.
    pub extern "C" fn release(owner: *mut ()) {
        // SAFETY: `owner` is the box of `into_parts`, and comes back once.
        drop(unsafe { Box::from_raw(owner.cast::<Self>()) });
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and given back once.
        unsafe { dealloc(self.data.as_ptr(), self.layout) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_memory_or_there_is_none() {
        assert!(Memory::zeroed(u64::MAX).is_none());
        let (data, owner) = Memory::zeroed(100).expect("a hundred bytes").into_parts();
        assert!(data.addr().is_multiple_of(ALIGN));
        // SAFETY: so many bytes were asked for.
        assert!(unsafe { std::slice::from_raw_parts(data, 100) }.iter().all(|byte| *byte == 0));
        Memory::release(owner);
    }
}
