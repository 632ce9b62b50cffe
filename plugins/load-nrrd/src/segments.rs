//! The names of segments, as 3D Slicer writes them into a `.seg.nrrd`.

use std::collections::BTreeMap;

use voxomics_sdk::NamedRegion;

use crate::error::Fault;
use crate::header::Header;
use crate::layout::value;

/// The regions that the keys `Segment0_Name`, `Segment0_LabelValue`, … name, in the order of their numbers.
///
/// # Errors
/// If a label is missing, no number or given to two segments, or if a segment lies in another layer than the first:
/// then the names would not be those of the voxels.
pub fn regions(header: &Header, notes: &mut Vec<String>) -> Result<Vec<NamedRegion>, Fault> {
    let names: BTreeMap<u32, &str> = (header.pairs.iter())
        .filter_map(|(key, name)| {
            let number = key.strip_prefix("Segment")?.strip_suffix("_Name")?;
            Some((number.parse().ok()?, name.trim()))
        })
        .collect();
    let mut regions: Vec<NamedRegion> = Vec::new();
    for (number, name) in &names {
        let key = |what: &str| format!("Segment{number}_{what}");
        let layer = key("Layer");
        match header.pairs.get(&layer).map(|layer| layer.trim()) {
            None | Some("0") => {}
            Some(found) => return Err(value(&layer, found, "0, the only layer of this file")),
        }
        let label = key("LabelValue");
        let label = match header.pairs.get(&label) {
            Some(text) => text
                .trim()
                .parse::<u32>()
                .map(f64::from)
                .map_err(|_| value(&label, text, "a whole number of at least 0"))?,
            None if names.len() == 1 => {
                notes.push(format!("the only segment, \"{name}\", has no label in the header: taken as 1"));
                1.0
            }
            None => return Err(value(&label, "", "the label of the segment")),
        };
        if let Some(other) = regions.iter().find(|other| other.label == label) {
            let expected = format!("another label than that of \"{}\"", other.name);
            return Err(value(&key("LabelValue"), &label.to_string(), &expected));
        }
        regions.push(NamedRegion { name: (*name).into(), label });
    }
    Ok(regions)
}
