//! The library holds every plugin, each of which exports the same entry. Nobody asks this library for it; the linker has to be told that
//! this is no mistake. The doors of the plugins need it by a name.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // Also where `cargo test --lib` makes a program of it.
        println!("cargo::rustc-link-arg=-Wl,-z,muldefs");
        println!("cargo::rustc-link-arg-cdylib=-Wl,-soname,libvoxomics_plugins.so");
    }
}
