//! The section `voxelSetting`: features as maps, voxel by voxel.

use super::{Entry, Notes, Value, Weight, children, empty};

const SECTION: &str = "voxelSetting";

/// Its keys; PyRadiomics takes them in the section `setting`, too.
pub const KEYS: [&str; 4] = ["kernelRadius", "maskedKernel", "initValue", "voxelBatch"];

/// How maps are made.
#[derive(Debug, Clone, PartialEq)]
pub struct Voxels {
    pub radius: u32,
    /// Whether a neighbourhood has voxels of the region alone.
    pub masked: bool,
    /// What is written outside the region.
    pub fill: f64,
}

/// Reads the section; none if the file does not have it. What it leaves out may stand among the other settings.
pub fn read(section: Option<&Entry>, others: &[&Entry], notes: &mut Notes) -> Option<Voxels> {
    let own = children(section, notes);
    let of_others = others.iter().copied().filter(|entry| KEYS.contains(&entry.key.as_str()));
    let Some(section) = section else {
        for entry in of_others {
            let message = "it is a setting of maps, which the file asks for with a section `voxelSetting`";
            notes.push("setting", entry, Weight::Remark, message);
        }
        return None;
    };
    let mut voxels = Voxels { radius: 1, masked: true, fill: 0.0 };
    for entry in of_others.chain(own) {
        if entry.node.value == Value::Null {
            match entry.key.as_str() {
                // An empty flag is no, and an empty number is none.
                "maskedKernel" => voxels.masked = false,
                "initValue" => voxels.fill = f64::NAN,
                key => {
                    if let Some(message) = empty::differs(key, others) {
                        notes.push(SECTION, entry, Weight::Differs, message);
                    }
                }
            }
            continue;
        }
        match entry.key.as_str() {
            "kernelRadius" => match entry.node.number().filter(|x| x.fract() == 0.0 && (1.0..=100.0).contains(x)) {
                Some(radius) => voxels.radius = radius as u32,
                None => notes.mistyped(SECTION, entry, "a whole number from 1 to 100"),
            },
            "maskedKernel" => match entry.node.flag() {
                Some(masked) => voxels.masked = masked,
                None => notes.mistyped(SECTION, entry, "true or false"),
            },
            "initValue" => match (entry.node.number(), entry.node.shown().trim_start_matches('.').to_ascii_lowercase())
            {
                (Some(fill), _) => voxels.fill = fill,
                (None, word) if word == "nan" => voxels.fill = f64::NAN,
                _ => notes.mistyped(SECTION, entry, "a number, or nan"),
            },
            "voxelBatch" => {
                notes.push(SECTION, entry, Weight::Remark, "maps are made block by block, whatever their size");
            }
            _ => notes.push(SECTION, entry, Weight::Lost, "PyRadiomics 3.0.1 has no such setting; check its spelling"),
        }
    }
    let message = "maps are written beside the table of features; in PyRadiomics 3.0.1, JointAverage and MCC of a voxel around \
                   which some direction has no pair depend on `voxelBatch`, and here they are those of a batch of one voxel";
    notes.at(section.line, "", SECTION, Weight::Remark, message);
    Some(voxels)
}
