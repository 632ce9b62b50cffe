//! Features, perturbations and lesions over time, in sentences.

use std::collections::BTreeMap;

use voxomics_engine::{
    experiment::{
        Controls, Perturb,
        course::{Absent, Course, Delta, FollowUp, Frame, Targets},
        study::Labels,
    },
    plan::Plan,
    results::perturbation::{Kind, Place},
};

use super::super::said::{either, listed, numbers};

/// A family with one aggregation, as it was computed.
pub struct Computed {
    /// Its name.
    pub family: String,
    /// Its aggregation; empty if it has none.
    pub aggregation: String,
    /// The regions that it is computed of, as readers call them.
    pub regions: Vec<String>,
    /// For each image its name, how grey levels are made of it, and the columns that they fill.
    pub images: Vec<(String, Option<String>, Vec<usize>)>,
}

impl Computed {
    /// Every family of a plan.
    pub fn all(plan: &Plan, labels: &Labels) -> Vec<Self> {
        let called = |name: &String| labels.regions.get(name).unwrap_or(name).clone();
        let of = |family: &voxomics_engine::plan::Family| {
            let regions = plan.regions.iter().zip(&family.regions);
            let images = plan.maps.iter().zip(&family.uses).filter_map(|(map, used)| {
                let used = used.as_ref()?;
                let levels = used.discretisation.map(|levels| levels.to_string());
                Some((map.name.clone(), levels, used.columns.iter().flatten().copied().collect()))
            });
            Self {
                family: family.name.clone(),
                aggregation: family.aggregation.clone(),
                regions: regions
                    .filter(|(region, of)| **of && region.features)
                    .map(|(region, _)| called(&region.name))
                    .collect(),
                images: images.collect(),
            }
        };
        plan.families.iter().map(of).collect()
    }

    fn columns(&self) -> impl Iterator<Item = usize> {
        self.images.iter().flat_map(|(_, _, columns)| columns.iter().copied())
    }
}

/// How many features there are, region by region where these differ; then a sentence a family.
pub fn features(all: &[Computed], number: usize, with_code: usize) -> Vec<String> {
    let counted = |number: usize| voxomics_report::count(number as u64, "feature");
    let mut of_region: Vec<(&str, Vec<usize>)> = Vec::new();
    for family in all {
        for region in &family.regions {
            match of_region.iter_mut().find(|(known, _)| known == region) {
                Some((_, columns)) => columns.extend(family.columns()),
                None => of_region.push((region, family.columns().collect())),
            }
        }
    }
    // Regions with as many features as each other are told together.
    let mut by_number: Vec<(usize, Vec<String>)> = Vec::new();
    for (region, mut columns) in of_region {
        columns.sort_unstable();
        columns.dedup();
        match by_number.iter_mut().find(|(known, _)| *known == columns.len()) {
            Some((_, regions)) => regions.push(region.to_owned()),
            None => by_number.push((columns.len(), vec![region.to_owned()])),
        }
    }
    let of_which = match by_number.as_slice() {
        [] | [_] => " of each region".to_owned(),
        several => {
            let each = several.iter().map(|(number, regions)| format!("{number} of {}", listed(regions)));
            format!(", {}", each.collect::<Vec<_>>().join(", "))
        }
    };
    let mut said =
        vec![format!("{} were computed{of_which}; {with_code} of them have a code of IBSI.", counted(number))];
    let every_region = by_number.iter().flat_map(|(_, regions)| regions).count();
    said.extend(all.iter().map(|family| {
        let mut details = Vec::new();
        if !family.aggregation.is_empty() {
            details.push(format!("aggregation {}", family.aggregation));
        }
        let mut ways: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (image, levels, _) in &family.images {
            if let Some(levels) = levels {
                ways.entry(levels).or_default().push(image.clone());
            }
        }
        let many = ways.len() > 1;
        details.extend(ways.into_iter().map(|(levels, images)| match many {
            true => format!("grey levels of {} by {levels}", listed(&images)),
            false => format!("grey levels by {levels}"),
        }));
        if family.regions.len() < every_region {
            details.push(format!("of {} alone", listed(&family.regions)));
        }
        let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join("; ")) };
        let mut columns: Vec<usize> = family.columns().collect();
        columns.sort_unstable();
        columns.dedup();
        format!("The family {} gave {}{details}.", family.family, counted(columns.len()))
    }));
    said
}

/// How cases were perturbed.
pub fn perturbed(of: &Perturb) -> Vec<String> {
    let mut ways = Vec::new();
    if of.rotation_deg.iter().any(|angle| *angle != 0.0) {
        ways.push(format!("rotations by {}° about the axis across the slices", numbers(&of.rotation_deg)));
    }
    if of.translation.iter().flatten().any(|shift| *shift != 0.0) {
        let shifts: Vec<String> = of.translation.iter().map(|[x, y, z]| format!("({x}, {y}, {z})")).collect();
        ways.push(format!("shifts by {} voxels", listed(&shifts)));
    }
    if of.noise > 0 {
        let deviation = match of.noise_sd {
            Some(sd) => format!("a standard deviation of {sd}"),
            None => "the standard deviation that was estimated from each scan".to_owned(),
        };
        ways.push(format!("{} with {deviation}", voxomics_report::count(of.noise, "noise")));
    }
    if of.volume_change.iter().any(|change| *change != 0.0) {
        let shares: Vec<f64> = of.volume_change.iter().map(|change| change * 100.0).collect();
        ways.push(format!("changes of the volume by {} %", numbers(&shares)));
    }
    let drawn = match of.draw {
        Some(draw) if draw < of.combinations() => {
            format!("{draw} of the {} combinations were drawn", of.combinations())
        }
        _ => format!("{} in all", voxomics_report::count(of.combinations() as u64, "combination")),
    };
    vec![format!("The features of every case were computed again of perturbed images: {}; {drawn}.", listed(&ways))]
}

/// Which negative controls were computed.
pub fn controls(of: &Controls) -> String {
    let kind = |kind: &Kind| match kind {
        Kind::Shuffled => "shuffled".to_owned(),
        Kind::Sampled => "drawn from them with replacement".to_owned(),
        Kind::Uniform => "drawn between the least and the largest of them".to_owned(),
        Kind::Inverted => "inverted".to_owned(),
    };
    let kinds: Vec<String> = of.kinds.iter().map(kind).collect();
    let place = |place: &Place| match place {
        Place::Region => "in the region".to_owned(),
        Place::Outside => "outside of it".to_owned(),
        Place::Scan => "in the whole scan".to_owned(),
    };
    let places: Vec<String> = of.places.iter().map(place).collect();
    format!(
        "As negative controls, the features of every case were computed again with intensities that were {}, {}.",
        either(&kinds),
        either(&places)
    )
}

/// How lesions were followed over time.
pub fn course(of: &Course, labels: &Labels) -> Vec<String> {
    let column =
        |name: &str| labels.columns.get(name).and_then(|label| label.name.clone()).unwrap_or_else(|| name.to_owned());
    let visit = match of.same_visit_days {
        days if days > 0.0 => format!("scans that are at most {days} days apart are"),
        _ => "scans of one day are".to_owned(),
    };
    let column_of_time = column(&of.time.column().value);
    let mut said =
        vec![format!("Lesions were followed over time, by the column {column_of_time}; {visit} one time point.")];
    let which = match of.follow_up {
        FollowUp::Last => "the last",
        FollowUp::Next => "the first",
    };
    let until = of.at_most_days.map(|days| format!(" and at most {days}")).unwrap_or_default();
    said.push(format!(
        "The baseline is held against {which} time point that is at least {}{until} days after it.",
        of.at_least_days
    ));
    if let Some(matching) = &of.matching {
        let frame = match &matching.frame {
            Frame::Same => "in the frame that all scans of a patient share".to_owned(),
            Frame::Scan => "in the frame of reference that their scans say that they share".to_owned(),
            Frame::Transform { column: name, .. } => {
                format!("after the transform that the column {} names", column(&name.value))
            }
        };
        said.push(format!(
            "Lesions were matched between time points by their outlines, {frame}: outlines that share at least {} % of the smaller one, \
             and others whose centres are at most {} mm apart.",
            matching.overlap * 100.0,
            matching.limit_mm
        ));
    } else if let Some(lesion) = &of.lesion {
        said.push(format!("Lesions are told apart by the column {}.", column(&lesion.value)));
    }
    said.push(match of.absent {
        Absent::Gone => "A lesion without an outline, where its patient has others, has gone.".to_owned(),
        Absent::Missing => "Of a lesion without an outline nothing is known at that time point.".to_owned(),
    });
    if !of.deltas.is_empty() {
        let what = match &of.inputs {
            None => "every measured input".to_owned(),
            Some(patterns) => {
                let patterns: Vec<String> = patterns.iter().map(|pattern| pattern.value.clone()).collect();
                format!("every input that fits {}", either(&patterns))
            }
        };
        let deltas: Vec<String> = of.deltas.iter().map(|delta| words_of(*delta).to_owned()).collect();
        said.push(format!("Of {what} these were computed: {}.", listed(&deltas)));
    }
    if let Some(sums) = &of.sums {
        let which = match sums.targets {
            Targets::All => "all lesions of the baseline were summed",
            Targets::Largest => "the largest measurable lesions were summed: five at most, and two of each location",
        };
        said.push(match (&sums.short_axis, sums.nodes.is_empty()) {
            (Some(_), false) => {
                format!("Longest diameters, of lymph nodes ({}) short axes, of {which}.", listed(&sums.nodes))
            }
            _ => format!("Longest diameters of {which}."),
        });
    }
    said
}

fn words_of(delta: Delta) -> &'static str {
    match delta {
        Delta::Difference => "follow-up minus baseline",
        Delta::Ratio => "follow-up by baseline",
        Delta::LogRatio => "the natural logarithm of follow-up by baseline",
        Delta::Slope => "the slope a month through all time points up to the follow-up",
        Delta::Area => "the area under the values of all time points up to the follow-up, in months",
        Delta::Mean => "this area by its months",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use voxomics_engine::experiment::Experiment;

    use super::*;

    fn experiment(text: &str) -> Experiment {
        Experiment::from_text(Path::new("e.toml"), Path::new("/"), text, &[]).expect("an experiment")
    }

    fn family(name: &str, regions: &[&str], images: &[(&str, Option<&str>, &[usize])]) -> Computed {
        Computed {
            family: name.into(),
            aggregation: String::new(),
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
            images: images
                .iter()
                .map(|(image, levels, columns)| ((*image).to_owned(), levels.map(str::to_owned), columns.to_vec()))
                .collect(),
        }
    }

    #[test]
    fn features_are_counted_by_region_and_levels_told_by_image() {
        let both = ["tumour", "ring"];
        let glcm = family(
            "glcm",
            &both,
            &[("original", Some("bins of width 25"), &[0, 1]), ("log", Some("32 bins"), &[2, 3])],
        );
        let mean = family("statistics", &both, &[("original", None, &[4, 5])]);
        let shape = family("morphology", &["tumour"], &[("original", None, &[6])]);
        assert_eq!(
            features(&[glcm, mean, shape], 7, 5),
            [
                "7 features were computed, 7 of tumour, 6 of ring; 5 of them have a code of IBSI.",
                "The family glcm gave 4 features (grey levels of log by 32 bins; grey levels of original by bins of width 25).",
                "The family statistics gave 2 features.",
                "The family morphology gave 1 feature (of tumour alone).",
            ]
        );
        let one = family("glcm", &both, &[("original", Some("32 bins"), &[0, 1])]);
        assert_eq!(
            features(&[one], 2, 2),
            [
                "2 features were computed of each region; 2 of them have a code of IBSI.",
                "The family glcm gave 2 features (grey levels by 32 bins).",
            ]
        );
    }

    #[test]
    fn perturbations_and_courses_are_told() {
        let text = "[cohorts.a]\ncases = \"a.csv\"\n[regions.tumour]\n[interpolation]\nspacing_mm = 1\n[perturb]\nrotation_deg = [-5, 5]\nnoise = 1\n";
        assert_eq!(
            perturbed(experiment(text).perturb.as_ref().expect("perturbations")),
            [
                "The features of every case were computed again of perturbed images: rotations by -5 and 5° about the axis across the \
                 slices and 1 noise with the standard deviation that was estimated from each scan; 2 combinations in all."
            ]
        );
        let text = "[cohorts.a]\ncases = \"a.csv\"\n[regions.tumour]\n[course]\ndate = \"scanned\"\nat_least_days = 14\n\
                    deltas = [\"log_ratio\"]\ninputs = [\"tumour:diameter.*\"]\n[course.match]\nlimit_mm = 12\nframe = \"same\"\n\
                    [labels.columns.scanned]\nname = \"Date of the scan\"\n";
        let experiment = experiment(text);
        let said = course(experiment.course.as_ref().expect("a course"), &experiment.study.labels).join(" ");
        for words in [
            "by the column Date of the scan",
            "the last time point that is at least 14 days after it",
            "in the frame that all scans of a patient share",
            "centres are at most 12 mm apart",
            "every input that fits tumour:diameter.*",
            "the natural logarithm of follow-up by baseline",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}
