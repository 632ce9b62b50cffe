//! Prints the digest of the program that these sources make.

fn main() {
    println!("{}", voxomics_program::DIGEST);
}
