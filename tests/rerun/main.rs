//! The same lesion, asked for in another way, gives the same numbers.

mod again;
mod columnar;
mod crop;
mod formats;
mod identity;
mod interrupted;
mod output;
mod private;
mod regions;
mod shards;
mod study;
mod tables;
mod written;
