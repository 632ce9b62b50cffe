//! The diffusion weighting of an image, which older scanners state in private attributes alone.
//!
//! b-values: GE (0043,1039), Siemens (0019,100C), Philips (2001,1003), United Imaging (0065,1009); directions: GE (0019,10BB) to
//! (0019,10BD), Siemens (0019,100E), Philips (2005,10B0) to (2005,10B2), United Imaging (0065,1037); as their statements of DICOM
//! conformance and dcm2niix have them.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::object::Item;

/// GE adds a multiple of this to some b-values, s/mm².
const ADDED: f64 = 100_000.0;

/// A private attribute: group, creator, element.
type Private = (u16, &'static str, u8);

const VALUES: [Private; 4] = [
    (0x0043, "GEMS_PARM_01", 0x39),
    (0x0019, "SIEMENS MR HEADER", 0x0C),
    (0x2001, "Philips Imaging DD 001", 0x03),
    (0x0065, "Image Private Header", 0x09),
];
const DIRECTIONS: [&[Private]; 4] = [
    &[(0x0019, "GEMS_ACQU_01", 0xBB), (0x0019, "GEMS_ACQU_01", 0xBC), (0x0019, "GEMS_ACQU_01", 0xBD)],
    &[(0x0019, "SIEMENS MR HEADER", 0x0E)],
    &[
        (0x2005, "Philips MR Imaging DD 001", 0xB0),
        (0x2005, "Philips MR Imaging DD 001", 0xB1),
        (0x2005, "Philips MR Imaging DD 001", 0xB2),
    ],
    &[(0x0065, "Image Private Header", 0x37)],
];

/// What private attributes say of a standard one: of `DiffusionBValue` and `DiffusionGradientOrientation`; nothing of others.
pub fn private(item: Item<'_>, tag: Tag) -> Option<Vec<f64>> {
    match tag {
        tags::DIFFUSION_B_VALUE => VALUES.iter().find_map(|place| {
            let value = *numbers(item, *place)?.first()?;
            Some(vec![if place.0 == 0x0043 { value.rem_euclid(ADDED) } else { value }])
        }),
        tags::DIFFUSION_GRADIENT_ORIENTATION => DIRECTIONS.iter().find_map(|places| {
            let parts: Option<Vec<Vec<f64>>> = places.iter().map(|place| numbers(item, *place)).collect();
            parts.map(|parts| parts.concat()).filter(|direction| direction.len() == 3)
        }),
        _ => None,
    }
}

/// The numbers of a private attribute, as text or, where its value representation is not known, as it is defined.
fn numbers(item: Item<'_>, (group, creator, element): Private) -> Option<Vec<f64>> {
    let tag = item.private(group, creator, element, false)?;
    if let Ok(Some(numbers)) = item.floats(tag) {
        return Some(numbers);
    }
    let texts: Option<Vec<f64>> = item.texts(tag).iter().map(|text| text.parse().ok()).collect();
    let bytes = item.bytes(tag)?;
    let binary = || match (group, bytes.len() % 8, bytes.len() % 4) {
        (0x2001 | 0x2005, _, 0) => {
            Some(bytes.as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect())
        }
        (0x0019 | 0x0065, 0, _) => Some(bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect()),
        _ => None,
    };
    texts.or_else(binary).filter(|numbers: &Vec<f64>| numbers.iter().all(|number| number.is_finite()))
}
