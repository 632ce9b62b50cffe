//! `voxomics --version`.

use std::sync::OnceLock;

use voxomics_engine::{GENERATION, results::Program};

/// The version with everything that tells one build from another.
pub fn long() -> &'static str {
    static LONG: OnceLock<String> = OnceLock::new();
    LONG.get_or_init(|| {
        let commit = voxomics_program::COMMIT.unwrap_or("unknown: it was built without git");
        format!(
            "{}\nprogram    {}\ncommit     {commit}\ninterface  generation {GENERATION}\nbuilt for  {}, {}\ncompiler   {}\n\n\
             `program` is the SHA-256 of what the program was made from: two builds with the same one give the same numbers.",
            voxomics_program::VERSION,
            voxomics_program::DIGEST,
            voxomics_program::TARGET,
            voxomics_program::PROFILE,
            voxomics_program::COMPILER,
        )
    })
}

/// The program, for keys and records.
pub fn program() -> Program {
    Program {
        version: voxomics_program::VERSION.into(),
        digest: voxomics_program::DIGEST.into(),
        commit: voxomics_program::COMMIT.map(str::to_owned),
        interface_generation: GENERATION,
        target: voxomics_program::TARGET.into(),
        profile: voxomics_program::PROFILE.into(),
        compiler: voxomics_program::COMPILER.into(),
    }
}
