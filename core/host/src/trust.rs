//! Who stands behind a plugin, and whether that is enough.
//!
//! A signature proves who built a file. It does not prove that the file is safe. Signatures have the format of minisign (prehashed
//! Ed25519), in a file beside the plugin that is called `NAME.minisig`; the ordinary `minisign` program makes and checks them too.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use minisign_verify::{PublicKey, Signature};
use serde::{Deserialize, Serialize};

/// How a library is known, from the strongest to the weakest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "class")]
pub enum Standing {
    /// It came with the program: it lies beside it, and was built from the same sources.
    Ours,
    /// Signed with a key that this machine lists.
    Listed {
        /// The name under which the key is listed.
        key: String,
    },
    /// Signed with the key that the experiment pins for it.
    Vendor,
    /// Not signed, but exactly the bytes that the experiment pins.
    Pinned,
    /// Anybody may have made it.
    Unsigned,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours => f.write_str("came with the program"),
            Self::Listed { key } => write!(f, "signed by `{key}`, a key that this machine lists"),
            Self::Vendor => f.write_str("signed with the key that the experiment pins"),
            Self::Pinned => f.write_str("not signed; its bytes are pinned by the experiment"),
            Self::Unsigned => f.write_str("not signed: anybody may have made it"),
        }
    }
}

/// The least standing that a library must have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Floor {
    /// Any library.
    #[default]
    Any,
    /// One that is signed, or whose bytes are pinned.
    Pinned,
    /// One that is signed with a listed or pinned key.
    Signed,
}

impl Floor {
    /// The words of an experiment.
    pub const WORDS: [(&'static str, Self); 3] =
        [("any", Self::Any), ("pinned", Self::Pinned), ("signed", Self::Signed)];

    fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// What an experiment pins of one library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pin {
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: Option<String>,
    /// The vendor's public key, as minisign writes it (`RW…`).
    pub key: Option<String>,
    /// SHA-256 of the libraries and files that it brings with it, by their names.
    pub companions: BTreeMap<String, String>,
}

/// What a machine asks of plugins; an experiment may ask for more, and never for less.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The least standing.
    #[serde(default)]
    pub floor: Floor,
    /// Keys that may sign.
    #[serde(default)]
    pub key: Vec<ListedKey>,
}

/// A public key and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedKey {
    /// Whose it is.
    pub name: String,
    /// The key, as minisign writes it (`RW…`).
    pub key: String,
}

/// The file in which a machine's administrator states the policy.
pub const MACHINE_FILE: &str = "/etc/voxomics/trust.toml";
/// A variable that names a further file of that form; the stricter floor counts, and keys add up.
pub const FILE_VARIABLE: &str = "VOXOMICS_TRUST";

impl Policy {
    /// What this machine asks for.
    ///
    /// # Errors
    /// If a file of the policy is there and cannot be used: a policy that is passed over would be none.
    pub fn of_machine() -> Result<Self, TrustError> {
        let named = std::env::var_os(FILE_VARIABLE).map(PathBuf::from);
        let mut policy = match fs::read_to_string(MACHINE_FILE) {
            Ok(text) => Self::read(Path::new(MACHINE_FILE), &text)?,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(cause) => return Err(TrustError::Policy(MACHINE_FILE.into(), cause.to_string())),
        };
        if let Some(path) = named {
            let text =
                fs::read_to_string(&path).map_err(|cause| TrustError::Policy(path.clone(), cause.to_string()))?;
            policy = policy.and(Self::read(&path, &text)?);
        }
        Ok(policy)
    }

    fn read(path: &Path, text: &str) -> Result<Self, TrustError> {
        let policy: Self =
            toml::from_str(text).map_err(|cause| TrustError::Policy(path.into(), cause.message().to_owned()))?;
        for listed in &policy.key {
            public_key(&listed.key).map_err(|cause| {
                TrustError::Policy(path.into(), format!("the key of `{}` is none: {cause}", listed.name))
            })?;
        }
        Ok(policy)
    }

    /// Both policies at once: the stricter floor, all keys.
    pub fn and(mut self, other: Self) -> Self {
        self.floor = self.floor.max(other.floor);
        self.key.extend(other.key);
        self
    }
}

/// Why a library is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustError {
    /// A file of the machine's policy cannot be used.
    Policy(PathBuf, String),
    /// Its bytes are not those that the experiment pins.
    OtherBytes {
        /// Its SHA-256.
        found: String,
        /// What the experiment pins.
        expected: String,
    },
    /// The key that the experiment pins is no key.
    NoKey(String),
    /// It has a signature that cannot be read.
    NoSignature(String),
    /// Its signature is not of these bytes: one of the two was changed.
    Tampered,
    /// It is signed with another key than the one that the experiment pins for it, or not at all.
    OtherKey,
    /// Its standing is too low.
    TooLow(Standing, Floor),
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(path, cause) => {
                write!(f, "the policy of this machine in {} cannot be used: {cause}. Mend or remove the file", path.display())
            }
            Self::OtherBytes { found, expected } => write!(
                f,
                "it is not the file that the experiment pins: its SHA-256 is {found}, expected {expected}. Get the right file \
                 from its vendor, or change `sha256` if you trust the new one"
            ),
            Self::NoKey(cause) => write!(
                f,
                "the `key` that the experiment pins for it is no public key of minisign: {cause}. Expected the line that begins \
                 with RW"
            ),
            Self::NoSignature(cause) => write!(
                f,
                "its signature cannot be read: {cause}. Get the .minisig file again, or remove it to use the plugin unsigned"
            ),
            Self::Tampered => f.write_str(
                "its signature does not fit its bytes: the file or the signature was changed after signing. Get both again from \
                 the vendor",
            ),
            Self::OtherKey => f.write_str(
                "it is not signed with the key that the experiment pins for it. Get the vendor's signature (the .minisig file \
                 beside the plugin), or change `key`",
            ),
            Self::TooLow(standing, floor) => write!(
                f,
                "it is {standing}, and trust = \"{}\" is asked for. Pin its bytes with `sha256`, pin its vendor's `key`, or let an \
                 administrator list the key in {MACHINE_FILE}",
                floor.word()
            ),
        }
    }
}

impl std::error::Error for TrustError {}

/// The file that holds a plugin's signature.
pub fn signature_file(plugin: &Path) -> PathBuf {
    let mut name = plugin.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

/// What is known of a library before it is loaded.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The very bytes that will be loaded.
    pub bytes: &'a [u8],
    /// Their SHA-256, in hexadecimal.
    pub sha256: &'a str,
    /// The text of the signature beside it.
    pub signature: Option<&'a str>,
    /// Whether it came with the program.
    pub ours: bool,
}

/// How a library is known, if that is enough.
///
/// # Errors
/// If a pin or a signature does not fit, or the standing is below the floor.
pub fn judge(evidence: Evidence<'_>, pin: &Pin, policy: &Policy, asked: Floor) -> Result<Standing, TrustError> {
    if let Some(expected) = pin.sha256.as_deref().filter(|expected| !expected.eq_ignore_ascii_case(evidence.sha256)) {
        return Err(TrustError::OtherBytes { found: evidence.sha256.into(), expected: expected.into() });
    }
    let standing = standing(evidence, pin, policy)?;
    let floor = policy.floor.max(asked);
    let enough = match standing {
        Standing::Ours | Standing::Listed { .. } | Standing::Vendor => true,
        Standing::Pinned => floor <= Floor::Pinned,
        Standing::Unsigned => floor == Floor::Any,
    };
    if enough { Ok(standing) } else { Err(TrustError::TooLow(standing, floor)) }
}

/// Whether what a plugin brings with it is known as well as the plugin is: signed by whom the plugin needs, or pinned by its
/// digest.
///
/// # Errors
/// If it is not, and the plugin is.
pub fn judge_companion(
    evidence: Evidence<'_>,
    name: &str,
    of: &Standing,
    pin: &Pin,
    policy: &Policy,
    asked: Floor,
) -> Result<(), TrustError> {
    let sha256 = pin.companions.get(name).cloned();
    // A digest stands for itself; without one, the vendor's key must have signed it.
    let key = pin.key.clone().filter(|_| sha256.is_none());
    let least = match of {
        Standing::Ours | Standing::Unsigned => Floor::Any,
        Standing::Listed { .. } | Standing::Vendor | Standing::Pinned => Floor::Pinned,
    };
    judge(evidence, &Pin { sha256, key, ..Pin::default() }, policy, asked.max(least)).map(|_| ())
}

fn standing(evidence: Evidence<'_>, pin: &Pin, policy: &Policy) -> Result<Standing, TrustError> {
    let signature = evidence
        .signature
        .map(|text| Signature::decode(text).map_err(|cause| TrustError::NoSignature(cause.to_string())))
        .transpose()?;
    // Only prehashed signatures: the others are of an older form, which signs with another construction.
    let fits = |key: &PublicKey, signature: &Signature| key.verify(evidence.bytes, signature, false);
    if let Some(text) = &pin.key {
        let key = public_key(text).map_err(TrustError::NoKey)?;
        let signature = signature.as_ref().ok_or(TrustError::OtherKey)?;
        return match fits(&key, signature) {
            Ok(()) => Ok(Standing::Vendor),
            Err(minisign_verify::Error::UnexpectedKeyId) => Err(TrustError::OtherKey),
            Err(_) => Err(TrustError::Tampered),
        };
    }
    if evidence.ours {
        return Ok(Standing::Ours);
    }
    for (listed, signature) in policy.key.iter().zip(signature.iter().cycle()) {
        let key = public_key(&listed.key).map_err(TrustError::NoKey)?;
        match fits(&key, signature) {
            Ok(()) => return Ok(Standing::Listed { key: listed.name.clone() }),
            Err(minisign_verify::Error::UnexpectedKeyId) => {}
            Err(_) => return Err(TrustError::Tampered),
        }
    }
    Ok(if pin.sha256.is_some() { Standing::Pinned } else { Standing::Unsigned })
}

/// A public key: the line that begins with `RW`, or the whole file that minisign writes.
fn public_key(text: &str) -> Result<PublicKey, String> {
    let line = text.trim();
    let key = if line.lines().count() > 1 { PublicKey::decode(line) } else { PublicKey::from_base64(line) };
    key.map_err(|cause| cause.to_string())
}

#[cfg(test)]
mod tests;
