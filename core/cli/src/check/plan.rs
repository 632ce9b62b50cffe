//! The plan of an experiment, in words.

use voxomics_engine::{
    experiment::{Components, Experiment, Radius},
    plan::{Family, Mapping, Plan},
};

use crate::terminal::count;

/// What a map looks at around each voxel.
fn around(mapping: &Mapping) -> String {
    match mapping.radius {
        Radius::Voxels([x, y, z]) => format!("{x} × {y} × {z} voxels around"),
        Radius::Mm(mm) => format!("{mm} mm around"),
    }
}

/// The most images that are named where levels differ between images.
const NAMED: usize = 4;

/// How a family gets its levels: where images differ, of which.
fn levels(plan: &Plan, family: &Family) -> String {
    let mut rules: Vec<(String, Vec<&str>)> = Vec::new();
    for (map, used) in plan.maps.iter().zip(&family.uses) {
        let Some(rule) = used.as_ref().and_then(|used| used.discretisation) else { continue };
        let rule = rule.to_string();
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, images)) => images.push(&map.name),
            None => rules.push((rule, vec![&map.name])),
        }
    }
    match rules.as_slice() {
        [] => String::new(),
        [(rule, _)] => format!(", {rule}"),
        _ => {
            let of = |(rule, images): &(String, Vec<&str>)| {
                let more = images.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("{rule} ({}{more})", images[..images.len().min(NAMED)].join(", "))
            };
            format!(", {}", rules.iter().map(of).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Prints what will be done; `cases` says to what.
pub fn print(experiment: &Experiment, plan: &Plan, cases: &str) {
    say!("experiment     {} ({})", plan.name, experiment.path.display());
    say!("cases          {cases}");
    for (index, library) in plan.libraries.iter().enumerate() {
        say!("{:<14} {library}", if index == 0 { "plugins" } else { "" });
    }
    for (index, region) in plan.regions.iter().enumerate() {
        let from = &region.from;
        let components = match region.components {
            Components::All => "",
            Components::Largest => ", its largest component",
            Components::Each => ", each component a region of its own",
        };
        let mask = region.mask.as_ref().map(|mask| format!(" of mask.{mask}")).unwrap_or_default();
        let limits = region.intensities.as_ref().map(|limits| format!(", {limits}")).unwrap_or_default();
        let exclude =
            if region.exclude.is_empty() { String::new() } else { format!(", without {}", region.exclude.join(", ")) };
        let within =
            if region.within.is_empty() { String::new() } else { format!(", within {}", region.within.join(", ")) };
        let served = if region.features { "" } else { " (serves others)" };
        let title = if index == 0 { "regions" } else { "" };
        say!("{title:<14} {}: {from}{mask}{components}{limits}{exclude}{within}{served}", region.name);
    }
    if let Some(prepare) = &plan.prepare {
        say!("prepare        {}", prepare);
    }
    match &plan.interpolation {
        None => say!("interpolation  none: the scan's own grid"),
        Some(i) => say!(
            "interpolation  {} mm (0 keeps the scan's), image {}{}, mask {}{}",
            i.spacing_mm.map(|mm| mm.to_string()).join(" × "),
            i.image,
            i.beyond_edge.map(|beyond| format!(" (beyond the edge: {beyond})")).unwrap_or_default(),
            i.mask,
            if i.round_intensities { ", intensities rounded" } else { "" }
        ),
    }
    say!("re-segment     {}", plan.resegmentation);
    for (index, map) in plan.maps.iter().enumerate() {
        let image = &plan.images[map.image];
        let filter = match (&image.filter, &image.mapping) {
            (Some(filter), _) => filter.name.clone(),
            (None, Some(mapping)) => {
                format!("a map by {} in {}, {}", mapping.instance.name, mapping.region, around(mapping))
            }
            (None, None) => "the scan itself".to_owned(),
        };
        let of = plan.source_name(image).map(|of| format!(" of {of}")).unwrap_or_default();
        let scan = image.scan.as_ref().map(|scan| format!(" (image.{scan})")).unwrap_or_default();
        say!("{:<14} {}: {filter}{of}{scan}", if index == 0 { "images" } else { "" }, map.name);
    }
    for (index, family) in plan.families.iter().enumerate() {
        let columns = plan.columns.iter().filter(|c| c.family == family.name && c.aggregation == family.aggregation);
        let aggregation =
            if family.aggregation.is_empty() { String::new() } else { format!(", {}", family.aggregation) };
        let discretisation = levels(plan, family);
        let title = if index == 0 { "features" } else { "" };
        say!("{title:<14} {}: {}{aggregation}{discretisation}", family.name, count(columns.count(), "column"));
    }
    say!("columns        {}", plan.columns.len());
    say!("inputs         {} (regions × columns, and covariates)", plan.inputs.len());
    for predictor in &plan.predictors {
        let inputs = count(predictor.inputs.len(), "input");
        say!("predict        {}: {} with {inputs}", predictor.name, predictor.instance.name);
    }
}
