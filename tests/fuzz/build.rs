//! One program holds several plugins here, each of which exports the same two symbols for whoever loads it as a library.
//! Nobody does; the linker has to be told that this is no mistake.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg=-Wl,-z,muldefs");
    }
}
