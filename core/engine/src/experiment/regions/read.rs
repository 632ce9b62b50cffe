//! From `[regions.NAME]` to regions; a section of shells or sectors makes several.

use std::path::Path;

use super::{
    super::{
        document::{Node, Value},
        section::{FromNode, OneOrMany, Section},
    },
    Components, Fit, Innermost, Limits, Region, RegionFrom,
};

/// The furthest that anything reaches from a surface, mm.
const FURTHEST_MM: f64 = 1000.0;

/// Reads the regions, in the order of the file: a section may ask for several.
pub fn regions(root: &Section<'_>, folder: &Path) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    for (name, section) in root.sections("regions") {
        for region in of_section(&name, &section, folder) {
            if regions.iter().any(|other| other.name == region.name) {
                section.error(format!("two sections make a region `{}`: give one of them another name", region.name));
            } else {
                regions.push(region);
            }
        }
    }
    // Directions around a tumour run from its own centre, not from that of its ring.
    let surfaces: Vec<(String, String)> = regions
        .iter()
        .filter_map(|region| match &region.from {
            RegionFrom::Ring { of, .. } | RegionFrom::Shell { of, .. } => Some((region.name.clone(), of.clone())),
            _ => None,
        })
        .collect();
    for region in &mut regions {
        if let RegionFrom::Sector { of, about, .. } = &mut region.from
            && about.is_empty()
        {
            about.clone_from(surfaces.iter().find(|(name, _)| name == of).map_or(of, |(_, inner)| inner));
        }
    }
    regions
}

fn of_section(name: &str, section: &Section<'_>, folder: &Path) -> Vec<Region> {
    let valid = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    if !valid {
        section.error(format!("`{name}` cannot name a region: use letters, digits, `_` and `-`"));
    }
    let from = from(section);
    let words = [("all", Components::All), ("largest", Components::Largest), ("each", Components::Each)];
    let components = section.choice("components", &words).unwrap_or(Components::All);
    let mask: Option<String> = section.get("mask");
    if from.iter().any(|(_, from)| !from.is_drawn()) {
        for (key, is_given) in [("components", components != Components::All), ("mask", mask.is_some())] {
            if is_given {
                section.error_at(
                    key,
                    format!(
                        "`{key}` belongs to a region that is drawn from labels; regions that are made of others follow them"
                    ),
                );
            }
        }
    }
    let intensities = Limits::read(section, "intensities");
    let names = |key: &str| section.get::<OneOrMany<String>>(key).map(|list| list.0).unwrap_or_default();
    let (exclude, within) = (names("exclude"), names("within"));
    let min_voxels: Option<u64> = section.get("min_voxels");
    let features = section.get("features").unwrap_or(true);
    let mut maker = None;
    if from.iter().any(|(_, from)| matches!(from, RegionFrom::Made { .. })) {
        let fit = Fit::read(section, folder);
        maker = Some((section.rest(), fit));
    }
    section.finish();
    let region = |(suffix, mut from): (String, RegionFrom)| {
        if let (RegionFrom::Made { settings, .. }, Some((stated, _))) = (&mut from, &maker) {
            *settings = stated.values.clone().into();
        }
        Region {
            name: format!("{name}{suffix}"),
            section: name.to_owned(),
            from,
            mask: mask.clone(),
            components,
            intensities: intensities.clone(),
            exclude: exclude.clone(),
            within: within.clone(),
            min_voxels,
            features,
            maker: maker.clone(),
            origin: section.origin().clone(),
        }
    };
    from.into_iter().map(region).collect()
}

/// What a section asks for: one region, or several whose names have endings.
fn from(section: &Section<'_>) -> Vec<(String, RegionFrom)> {
    let label: Option<f64> = section.get("label");
    let default_label: Option<f64> = section.get("default_label");
    let labels: Option<Vec<f64>> = section.get("labels");
    let any: Option<bool> = section.get("any");
    let named: Option<String> = section.get("name");
    let names: Option<Vec<String>> = section.get("names");
    let union: Option<Vec<String>> = section.get("union_of");
    let one = |from: RegionFrom| vec![(String::new(), from)];
    let mut chosen = [
        label.map(|label| one(RegionFrom::Labels(vec![label]))),
        default_label.map(|label| one(RegionFrom::CaseLabelOr(label))),
        labels.map(|labels| one(RegionFrom::Labels(labels))),
        any.filter(|any| *any).map(|_| one(RegionFrom::Any)),
        named.map(|name| one(RegionFrom::Named(name))),
        names.map(|names| one(RegionFrom::AllNamed(names))),
        union.map(|of| one(RegionFrom::Union(of))),
        around(section),
        core(section).map(one),
        sectors(section),
        made(section),
    ]
    .into_iter()
    .flatten();
    let first = chosen.next();
    if chosen.next().is_some() {
        section.error(
            "a region takes one of `label`, `default_label`, `labels`, `any`, `name`, `names`, `union_of`, `ring_of`, `core_of`, \
             `sectors_of`, `maker`",
        );
        // Others may be made of it, and it is not their mistake.
        return first.unwrap_or_default();
    }
    let Some(first) = first else { return one(RegionFrom::CaseLabel) };
    let background = first.iter().any(|(_, from)| match from {
        RegionFrom::Labels(labels) => labels.is_empty() || labels.contains(&0.0),
        RegionFrom::CaseLabelOr(label) => *label == 0.0,
        _ => false,
    });
    if background {
        section.error("label 0 is the background, and a list of labels needs at least one");
    }
    first
}

/// One region that a plugin makes, or one for each that a list of `take` names.
fn made(section: &Section<'_>) -> Option<Vec<(String, RegionFrom)>> {
    let maker: String = section.get("maker")?;
    let of: String = section.require("of", "the region that the maker divides").unwrap_or_default();
    let images = section.get::<OneOrMany<String>>("images").map(|list| list.0).unwrap_or_default();
    let taken: Taken =
        section.require("take", "which of the regions that the maker makes").unwrap_or(Taken::One(String::new()));
    let made = |take: &String| RegionFrom::Made {
        of: of.clone(),
        maker: maker.strip_prefix("regions-").unwrap_or(&maker).to_owned(),
        images: images.clone(),
        take: take.clone(),
        settings: serde_json::Value::Null,
        state: None,
    };
    // What cannot be in the name of a region is a `_` in it.
    let word = |take: &str| take.replace(|c: char| !c.is_alphanumeric() && c != '-', "_");
    Some(match &taken {
        Taken::One(take) => vec![(String::new(), made(take))],
        Taken::Several(list) => {
            if list.is_empty() {
                section.error_at("take", "`take` names none of the regions that the maker makes");
            }
            list.iter().map(|take| (format!("_{}", word(take)), made(take))).collect()
        }
    })
}

/// One word, or a list: a list of one names a region as a list does.
enum Taken {
    One(String),
    Several(Vec<String>),
}

impl FromNode for Taken {
    fn from_node(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::List(_) => Vec::from_node(node).map(Self::Several),
            _ => String::from_node(node).map(Self::One).map_err(|expected| format!("{expected}, or a list of such")),
        }
    }
}

/// The ring around a region, or the shells between some distances from it.
fn around(section: &Section<'_>) -> Option<Vec<(String, RegionFrom)>> {
    let of: Option<String> = section.get("ring_of");
    let outward_mm: Option<f64> = section.get("outward_mm");
    let inward_mm: Option<f64> = section.get("inward_mm");
    let distances: Option<Vec<f64>> = section.get("distances_mm");
    let grid = section.choice("grid", &[("interpolated", false), ("original", true)]);
    for (key, mm) in [("outward_mm", outward_mm), ("inward_mm", inward_mm)] {
        if let Some(mm) = mm.filter(|mm| !(0.0..=FURTHEST_MM).contains(mm)) {
            section.error_at(key, format!("`{key}` is {mm}, expected 0 to {FURTHEST_MM} mm"));
        }
    }
    let ring_keys = outward_mm.is_some() || inward_mm.is_some() || grid.is_some();
    let Some(of) = of else {
        if ring_keys || distances.is_some() {
            section.error("`outward_mm`, `inward_mm`, `distances_mm` and `grid` belong to a ring: add `ring_of`");
        }
        return None;
    };
    if let Some(distances) = distances {
        if !ring_keys {
            return Some(shells(section, &of, &distances));
        }
        section.error(
            "`distances_mm` makes shells on the interpolated grid: leave out `outward_mm`, `inward_mm` and `grid`",
        );
    }
    let (outward_mm, inward_mm) = (outward_mm.unwrap_or(0.0), inward_mm.unwrap_or(0.0));
    let reach_is_wrong = ["outward_mm", "inward_mm", "distances_mm"].iter().any(|key| section.is_wrong(key));
    if outward_mm + inward_mm <= 0.0 && !reach_is_wrong {
        section.error("a ring needs `outward_mm` or `inward_mm` above 0, or shells between `distances_mm`");
    }
    let ring = RegionFrom::Ring { of, outward_mm, inward_mm, on_original_grid: grid.unwrap_or(false) };
    Some(vec![(String::new(), ring)])
}

fn shells(section: &Section<'_>, of: &str, distances: &[f64]) -> Vec<(String, RegionFrom)> {
    let in_reach = distances.iter().all(|mm| mm.abs() <= FURTHEST_MM);
    if distances.len() < 2 || !in_reach || !distances.is_sorted_by(|a, b| a < b) {
        section.error_at(
            "distances_mm",
            format!(
                "`distances_mm` is {distances:?}, expected at least two rising distances in mm between -{FURTHEST_MM} and \
                 {FURTHEST_MM}, as in [0, 3, 6, 9]; those below 0 lie inside the region"
            ),
        );
        // Others may be made of it, and it is not their mistake.
        let ring = RegionFrom::Ring { of: of.to_owned(), outward_mm: 1.0, inward_mm: 0.0, on_original_grid: false };
        return vec![(String::new(), ring)];
    }
    // A point would part the name of a column.
    let word = |mm: f64| mm.to_string().replace('.', "p");
    let shell = |pair: &[f64]| {
        let [from_mm, to_mm] = [pair[0], pair[1]];
        let shell = RegionFrom::Shell { of: of.to_owned(), from_mm, to_mm };
        (format!("_{}_{}", word(from_mm), word(to_mm)), shell)
    };
    distances.windows(2).map(shell).collect()
}

fn core(section: &Section<'_>) -> Option<RegionFrom> {
    let of: Option<String> = section.get("core_of");
    let deeper: Option<f64> = section.get("deeper_than_mm");
    let share: Option<f64> = section.get("volume_share");
    if let Some(mm) = deeper.filter(|mm| !(0.0..=FURTHEST_MM).contains(mm)) {
        section.error_at("deeper_than_mm", format!("`deeper_than_mm` is {mm}, expected 0 to {FURTHEST_MM} mm"));
    }
    if let Some(share) = share.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
        section
            .error_at("volume_share", format!("`volume_share` is {share}, expected a number above 0, and 1 at most"));
    }
    let Some(of) = of else {
        if deeper.is_some() || share.is_some() {
            section.error("`deeper_than_mm` and `volume_share` belong to a core: add `core_of`");
        }
        return None;
    };
    let innermost = match (deeper, share) {
        (Some(mm), None) => Innermost::DeeperThanMm(mm),
        (None, Some(share)) => Innermost::VolumeShare(share),
        _ => {
            if !section.is_wrong("deeper_than_mm") && !section.is_wrong("volume_share") {
                section.error("a core needs one of `deeper_than_mm` and `volume_share`");
            }
            Innermost::DeeperThanMm(0.0)
        }
    };
    Some(RegionFrom::Core { of, innermost })
}

fn sectors(section: &Section<'_>) -> Option<Vec<(String, RegionFrom)>> {
    let of: Option<String> = section.get("sectors_of");
    let count: Option<u64> = section.get("sectors");
    let about: Option<String> = section.get("about");
    let Some(of) = of else {
        if count.is_some() || about.is_some() {
            section.error("`sectors` and `about` belong to sectors: add `sectors_of`");
        }
        return None;
    };
    let count = match count.map(u32::try_from) {
        Some(Ok(count @ 2..=36)) => count,
        _ => {
            if !section.is_wrong("sectors") {
                section.error_at("sectors", "sectors need their number: `sectors` from 2 to 36");
            }
            return Some(vec![(String::new(), RegionFrom::Core { of, innermost: Innermost::VolumeShare(1.0) })]);
        }
    };
    let sector = |number: u32| {
        let about = about.clone().unwrap_or_default();
        (format!("_{number}"), RegionFrom::Sector { of: of.clone(), about, number, count })
    };
    Some((1..=count).map(sector).collect())
}
