use minisign::{KeyPair, sign};

use super::*;

/// A key, and a signature of bytes by it.
fn keys() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().expect("a key")
}

fn signed(keys: &KeyPair, bytes: &[u8]) -> String {
    sign(Some(&keys.pk), &keys.sk, bytes, Some("voxomics-plugin"), None).expect("a signature").into_string()
}

fn evidence<'a>(bytes: &'a [u8], signature: Option<&'a str>) -> Evidence<'a> {
    Evidence { bytes, sha256: "00ff", signature, ours: false }
}

fn listing(keys: &KeyPair, floor: Floor) -> Policy {
    Policy { floor, key: vec![ListedKey { name: "the hospital".into(), key: keys.pk.to_base64() }] }
}

#[test]
fn each_class_passes_the_floors_that_it_should() {
    let (listed, vendor) = (keys(), keys());
    let by_listed = signed(&listed, b"plugin");
    let by_vendor = signed(&vendor, b"plugin");
    let policy = listing(&listed, Floor::Any);
    let pin_key = Pin { key: Some(vendor.pk.to_base64()), ..Pin::default() };
    let pin_bytes = Pin { sha256: Some("00FF".into()), ..Pin::default() };
    let none = Pin::default();
    let ours = Evidence { ours: true, ..evidence(b"plugin", None) };
    for (what, evidence, pin, standing, highest) in [
        ("ours", ours, &none, Standing::Ours, Floor::Signed),
        (
            "listed",
            evidence(b"plugin", Some(&by_listed)),
            &none,
            Standing::Listed { key: "the hospital".into() },
            Floor::Signed,
        ),
        ("vendor", evidence(b"plugin", Some(&by_vendor)), &pin_key, Standing::Vendor, Floor::Signed),
        ("pinned", evidence(b"plugin", None), &pin_bytes, Standing::Pinned, Floor::Pinned),
        ("by an unknown key", evidence(b"plugin", Some(&by_vendor)), &none, Standing::Unsigned, Floor::Any),
        ("unsigned", evidence(b"plugin", None), &none, Standing::Unsigned, Floor::Any),
    ] {
        for (_, floor) in Floor::WORDS {
            let judged = judge(evidence, pin, &policy, floor);
            if floor <= highest {
                assert_eq!(judged, Ok(standing.clone()), "{what} at {floor:?}");
            } else {
                assert_eq!(judged, Err(TrustError::TooLow(standing.clone(), floor)), "{what} at {floor:?}");
            }
        }
    }
}

#[test]
fn an_experiment_cannot_go_below_the_floor_of_the_machine() {
    let policy = Policy { floor: Floor::Signed, key: Vec::new() };
    let judged = judge(evidence(b"plugin", None), &Pin::default(), &policy, Floor::Any);
    assert_eq!(judged, Err(TrustError::TooLow(Standing::Unsigned, Floor::Signed)));
}

#[test]
fn what_was_changed_is_refused_at_every_floor() {
    let listed = keys();
    let signature = signed(&listed, b"plugin");
    let policy = listing(&listed, Floor::Any);
    let judge = |evidence, pin: &Pin| judge(evidence, pin, &policy, Floor::Any);
    assert_eq!(judge(evidence(b"plugim", Some(&signature)), &Pin::default()), Err(TrustError::Tampered));
    let other = Pin { sha256: Some("0100".into()), ..Pin::default() };
    assert!(matches!(judge(evidence(b"plugin", None), &other), Err(TrustError::OtherBytes { .. })));
    let vendor = Pin { key: Some(keys().pk.to_base64()), ..Pin::default() };
    for signature in [Some(&*signature), None] {
        assert_eq!(judge(evidence(b"plugin", signature), &vendor), Err(TrustError::OtherKey));
    }
    let no_key = Pin { key: Some("RWx".into()), ..Pin::default() };
    assert!(matches!(judge(evidence(b"plugin", Some(&signature)), &no_key), Err(TrustError::NoKey(_))));
    let no_signature = judge(evidence(b"plugin", Some("untrusted comment: x")), &Pin::default());
    assert!(matches!(no_signature, Err(TrustError::NoSignature(_))));
}

#[test]
fn a_policy_is_read_strictly_and_the_stricter_floor_counts() {
    let key = keys().pk.to_base64();
    let text = format!("floor = \"pinned\"\n[[key]]\nname = \"a\"\nkey = \"{key}\"\n");
    let policy = Policy::read(Path::new("p"), &text).expect("a policy");
    assert_eq!((policy.floor, policy.key.len()), (Floor::Pinned, 1));
    let both = policy.and(Policy { floor: Floor::Signed, key: Vec::new() });
    assert_eq!((both.floor, both.key.len()), (Floor::Signed, 1));
    for (wrong, said) in [
        ("flor = \"any\"", "unknown field"),
        ("floor = \"none\"", "unknown variant"),
        ("[[key]]\nname = \"a\"\nkey = \"x\"", "`a`"),
    ] {
        let error = Policy::read(Path::new("p"), wrong).expect_err(wrong).to_string();
        assert!(error.contains(said), "{wrong}: {error}");
    }
}
