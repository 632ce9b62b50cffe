//! What loaders of voxel files share: who opens their files; a file as a bounded stream of bytes, inflated where it is compressed and with every
//! checksum compared; voxels in memory once and never more than the file can hold; a grid whose axes are at right angles;
//! and one way to tell what is wrong with a file.
//!
//! Formats know nothing of each other: each loader brings its own header, and tells its own faults beside those of
//! [`Fault`]. Those whose header is text share its words ([`header`]).

mod fault;
mod files;
pub mod geometry;
pub mod gzip;
pub mod header;
mod input;
mod source;
mod voxels;
mod zlib;

pub use fault::{Fault, RENEW, ReadError};
pub use files::{Files, list, open, open_any, through};
pub use source::{Framing, Source};
pub use voxels::{finish, read_voxels, swap_bytes, voxel_bytes};
