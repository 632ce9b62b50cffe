//! `voxomics plugins keys`, `sign` and `verify`: who stands behind a plugin.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use ct_codecs::{Base64, Decoder as _};
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use voxomics_engine::{
    digest::sha256,
    host::trust::{Evidence, Floor, Pin, Policy, judge, signature_file},
};

use crate::Refused;

/// Makes a pair of keys: `NAME.key`, which stays secret, and `NAME.pub`, which goes to users.
pub fn keys(name: &Path, password: bool) -> Result<ExitCode, Refused> {
    let pair =
        if password { KeyPair::generate_encrypted_keypair(None) } else { KeyPair::generate_unencrypted_keypair() };
    let pair = pair.map_err(|cause| match password {
        true => {
            format!("cannot ask for a password: {cause}. Without a terminal, --no-password makes a key that has none")
        }
        false => format!("cannot make a key: {cause}"),
    })?;
    let secret = pair.sk.to_box(None).map_err(|cause| format!("cannot write the key: {cause}"))?.into_string();
    let public = pair.pk.to_box().map_err(|cause| format!("cannot write the key: {cause}"))?.into_string();
    let (secret_file, public_file) = (name.with_extension("key"), name.with_extension("pub"));
    write_new(&secret_file, &secret, true)?;
    write_new(&public_file, &public, false)?;
    say!("secret key  {}   keep it to yourself", secret_file.display());
    say!("public key  {}   give it to those who use your plugins:", public_file.display());
    say!("            key = \"{}\"", pair.pk.to_base64());
    Ok(ExitCode::SUCCESS)
}

/// A key that is overwritten is lost for good.
fn write_new(path: &Path, text: &str, secret: bool) -> Result<(), Refused> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if secret { 0o600 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = secret;
    let written = options.open(path).and_then(|mut file: File| file.write_all(text.as_bytes()));
    written
        .map_err(|cause| format!("cannot write {}: {cause}. An existing key is never replaced", path.display()).into())
}

/// Signs a plugin; the signature goes beside it.
pub fn sign(plugin: &Path, key: &Path, comment: Option<&str>) -> Result<ExitCode, Refused> {
    let bytes = read(plugin)?;
    let text = fs::read_to_string(key).map_err(|cause| format!("cannot read the key {}: {cause}", key.display()))?;
    let no_key = |cause: minisign::PError| format!("{} is no secret key of minisign: {cause}", key.display());
    let secret = secret(&text).map_err(no_key)?;
    let public = PublicKey::from_secret_key(&secret).map_err(no_key)?;
    let name = plugin.file_name().unwrap_or_default().to_string_lossy();
    let comment = comment.map_or_else(|| format!("voxomics-plugin {name}"), str::to_owned);
    let signature = minisign::sign(Some(&public), &secret, bytes.as_slice(), Some(&comment), None)
        .map_err(|cause| format!("cannot sign {}: {cause}", plugin.display()))?;
    let file = signature_file(plugin);
    fs::write(&file, signature.into_string()).map_err(|cause| format!("cannot write {}: {cause}", file.display()))?;
    say!("signed {} with the key {}\nsignature {}", plugin.display(), public.to_base64(), file.display());
    Ok(ExitCode::SUCCESS)
}

/// A secret key. One that has a password asks for it.
fn secret(text: &str) -> Result<SecretKey, minisign::PError> {
    // minisign 0.7.9 writes a key without a password and cannot read it again: it looks for the checksum that only a
    // password gives. Such a key says so by an empty checksum (here) or an empty name of the key derivation (minisign -W).
    let bytes = text.lines().nth(1).and_then(|line| Base64::decode_to_vec(line.trim(), None).ok()).unwrap_or_default();
    let without = bytes.len() == SECRET_BYTES
        && (bytes[KDF].iter().all(|byte| *byte == 0) || bytes[CHECKSUM..].iter().all(|byte| *byte == 0));
    if without { SecretKey::from_bytes(&bytes) } else { SecretKeyBox::from_string(text)?.into_secret_key(None) }
}

/// Length of a secret key, and where its parts are: two bytes each for three algorithms, salt 32, limits 8 and 8, number 8,
/// key 64, checksum 32.
const SECRET_BYTES: usize = 158;
const KDF: std::ops::Range<usize> = 2..4;
const CHECKSUM: usize = SECRET_BYTES - 32;

/// Says how a plugin is known, without loading it.
pub fn verify(plugin: &Path, key: Option<&str>) -> Result<ExitCode, Refused> {
    let bytes = read(plugin)?;
    let signature = signature(plugin)?;
    let digest = sha256(&bytes);
    let key = key.map(key_of).transpose()?;
    let evidence = Evidence { bytes: &bytes, sha256: &digest, signature: signature.as_deref(), ours: false };
    let policy = Policy::of_machine().map_err(|error| error.to_string())?;
    let standing = judge(evidence, &Pin { key, ..Pin::default() }, &policy, Floor::Any)
        .map_err(|error| format!("plugin {}: {error}", plugin.display()))?;
    say!("file    {}\nsha256  {digest}\nknown   {standing}", plugin.display());
    if signature.is_some() && standing == voxomics_engine::host::trust::Standing::Unsigned {
        say!("        It has a signature, by a key that this machine does not list. Pass it with --key to check it.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Letters of a public key of minisign: 42 bytes in base 64.
const KEY_LETTERS: usize = 56;

/// The key itself, or the file that holds it.
fn key_of(text: &str) -> Result<String, Refused> {
    let file = PathBuf::from(text);
    if !file.is_file() {
        // A key has 56 letters and begins with these two.
        return match text.starts_with("RW") && text.len() == KEY_LETTERS {
            true => Ok(text.to_owned()),
            false => Err(format!(
                "{text} is no file, and no public key: expected either NAME.pub, or the line in it that begins with RW"
            )
            .into()),
        };
    }
    fs::read_to_string(&file).map_err(|cause| format!("cannot read the key {}: {cause}", file.display()).into())
}

fn signature(plugin: &Path) -> Result<Option<String>, Refused> {
    let file = signature_file(plugin);
    match fs::read_to_string(&file) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(format!("cannot read {}: {cause}", file.display()).into()),
    }
}

fn read(plugin: &Path) -> Result<Vec<u8>, Refused> {
    fs::read(plugin).map_err(|cause| format!("cannot read {}: {cause}. Check the path", plugin.display()).into())
}
