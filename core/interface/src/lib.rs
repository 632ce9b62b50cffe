//! The stable-ABI types.
