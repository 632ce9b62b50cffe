//! Every plugin in one library, for the wheel. As libraries of their own, each carries its copy of what all of them share, which is more than
//! most of them are.
//!
//! In the wheel, the file of a plugin is a door of a few kilobytes: its `voxomics_plugin_entry` calls the entry here. So plugins keep their
//! names, files and digests, and whoever loads one need not know of this.

#[cfg(target_os = "linux")]
mod entries;
