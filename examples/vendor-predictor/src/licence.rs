//! The licence: the vendor's signature of the product's name. Its comment, which is signed with it, says whose it is and until when.
//!
//! It is a file of minisign, as `voxomics plugins sign` writes it. THE KEY OF THIS EXAMPLE IS PUBLIC: `demo.key` lies beside it, so that
//! anybody can make a licence. A vendor keeps the secret key, and compiles the public one in.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate};
use minisign_verify::{PublicKey, Signature};

/// What is signed.
const PRODUCT: &[u8] = b"vendor-demo 1\n";

/// The public key that belongs to `demo.key`.
const KEY: &str = "RWQZF9X94j9NMLeZk7zyZJmkZU2W1zvIh/WBJmCJC31uPqwPwk0zEqUe";

/// Today, in UTC; a day beyond every licence if the clock cannot tell.
pub fn today() -> NaiveDate {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let now = since.and_then(|since| DateTime::from_timestamp(since.as_secs().try_into().ok()?, 0));
    now.map_or(NaiveDate::MAX, |now| now.date_naive())
}

/// Accepts the text of a licence file on a day.
///
/// # Errors
/// Why it is no licence for this product on that day.
pub fn check(text: &str, today: NaiveDate) -> Result<(), String> {
    let signature = Signature::decode(text).map_err(|_| "it is no licence file".to_owned())?;
    let key = PublicKey::from_base64(KEY).map_err(|cause| format!("the vendor's key is none: {cause}"))?;
    key.verify(PRODUCT, &signature, false)
        .map_err(|_| "it is not signed by the vendor for this product, or was changed".to_owned())?;
    let terms = signature.trusted_comment();
    let until = terms.split("; ").find_map(|term| term.strip_prefix("until: "));
    let until = until.and_then(|day| NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d").ok());
    match until {
        None => Err(format!("it does not say until when it holds: \"{terms}\"")),
        Some(last) if today > last => Err(format!("it has expired: \"{terms}\", and today is {today}")),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../demo.licence");

    fn on(day: &str) -> NaiveDate {
        day.parse().expect("a day")
    }

    #[test]
    fn the_licence_of_the_example_holds_until_its_last_day() {
        assert_eq!(check(DEMO, on("2026-01-01")), Ok(()));
        assert_eq!(check(DEMO, on("2098-12-31")), Ok(()));
        assert!(check(DEMO, on("2099-01-01")).is_err_and(|why| why.contains("has expired")));
    }

    #[test]
    fn a_licence_that_was_changed_is_none() {
        let longer = DEMO.replace("until: 2098", "until: 2198");
        assert_ne!(longer, DEMO);
        assert!(check(&longer, on("2026-01-01")).is_err_and(|why| why.contains("not signed by the vendor")));
        assert!(check("until: 2198-01-01", on("2026-01-01")).is_err_and(|why| why.contains("no licence file")));
    }
}
