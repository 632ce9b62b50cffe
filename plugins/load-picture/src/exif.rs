//! Exif (CIPA DC-008), as far as it says that a picture is to be shown turned.

use crate::error::Fault;

/// Refuses a picture that is to be shown another way than its pixels lie: a mask that was drawn on what was shown lies elsewhere.
///
/// # Errors
/// That it is, with the orientation of the block.
pub fn check(format: &str, exif: Option<&[u8]>) -> Result<(), Fault> {
    match exif.and_then(orientation).filter(|orientation| *orientation != 1) {
        None => Ok(()),
        Some(turned) => {
            let found = format!("the {format} is to be shown turned or mirrored (Exif orientation {turned})");
            Err(Fault::Unsupported { found, todo: "save it the way it is to be shown" })
        }
    }
}

/// The orientation of an Exif block, which is a small TIFF; `None` if it has none.
fn orientation(exif: &[u8]) -> Option<u16> {
    let big = match exif.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let bytes = exif.get(4..8)?.try_into().ok()?;
    let first = if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) } as usize;
    let entries = usize::from(short(first)?);
    (0..entries).find_map(|entry| {
        let at = first.checked_add(2)?.checked_add(12 * entry)?;
        (short(at)? == 0x0112).then(|| short(at + 8)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::orientation;

    #[test]
    fn the_orientation_is_found_in_either_byte_order() {
        let little = b"II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\0\0\0\0\0\0\0\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        assert_eq!(orientation(little), Some(6));
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0";
        assert_eq!(orientation(big), Some(3));
        for cut in 0..big.len() - 2 {
            assert_eq!(orientation(&big[..cut]), None);
        }
    }
}
