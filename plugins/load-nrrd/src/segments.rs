//! The names of segments, as 3D Slicer writes them into a `.seg.nrrd`.

use std::collections::BTreeMap;

use voxomics_sdk::NamedRegion;

use crate::error::{Fault, value};
use crate::header::Header;

/// Whether a key says in which layer a segment lies.
pub fn is_layer(key: &str) -> bool {
    key.strip_prefix("Segment")
        .and_then(|rest| rest.strip_suffix("_Layer"))
        .is_some_and(|number| number.parse::<u32>().is_ok())
}

/// The regions that the keys `Segment0_Name`, `Segment0_LabelValue`, … name, those of each of `layers` layers in the order
/// of their numbers.
///
/// # Errors
/// If a label is missing, no number or given to two segments of a layer, or if the layer of a segment is not in the file:
/// then the names would not be those of the voxels.
pub fn regions(header: &Header, layers: usize, notes: &mut Vec<String>) -> Result<Vec<Vec<NamedRegion>>, Fault> {
    let names: BTreeMap<u32, &str> = (header.pairs.iter())
        .filter_map(|(key, name)| {
            let number = key.strip_prefix("Segment")?.strip_suffix("_Name")?;
            Some((number.parse().ok()?, name.trim()))
        })
        .collect();
    let mut regions: Vec<Vec<NamedRegion>> = vec![Vec::new(); layers];
    for (number, name) in &names {
        let key = |what: &str| format!("Segment{number}_{what}");
        let layer = layer(header, &key("Layer"), layers)?;
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
        if let Some(other) = regions[layer].iter().find(|other| other.label == label) {
            let expected = format!("another label than that of \"{}\"", other.name);
            return Err(value(&key("LabelValue"), &label.to_string(), &expected));
        }
        regions[layer].push(NamedRegion { name: (*name).into(), label });
    }
    Ok(regions)
}

fn layer(header: &Header, key: &str, layers: usize) -> Result<usize, Fault> {
    match header.pairs.get(key).map(|layer| layer.trim()) {
        None if layers == 1 => Ok(0),
        None => Err(value(key, "", &format!("the layer of the segment, 0 to {}", layers - 1))),
        Some(found) => found.parse().ok().filter(|layer| *layer < layers).ok_or_else(|| match layers {
            1 => value(key, found, "0, the only layer of this file"),
            _ => value(key, found, &format!("one of the {layers} layers of this file, 0 to {}", layers - 1)),
        }),
    }
}
