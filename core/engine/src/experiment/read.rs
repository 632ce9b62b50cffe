//! From the tree to the [`Experiment`]: one function a section.

use std::path::Path;

use super::{
    BeyondEdge, CaseSource, Compat, Covariate, Diagnostics, Experiment, Export, Family, Fit, Image, Interpolation,
    Limits, Method, Minimum, OnMismatch, Predict, Prepare, Resegmentation, controls, course,
    discretisation::discretisation,
    document::Node,
    maps,
    output::output,
    perturb,
    plugins::plugins,
    regions::regions,
    section::{OneOrMany, Section},
    study,
};

/// A scan of 4 GiB is 16 times a large CT.
const DEFAULT_MAX_SCAN_BYTES: u64 = 4 << 30;

pub fn experiment(path: &Path, folder: &Path, text: &str, node: &Node, diagnostics: &Diagnostics) -> Experiment {
    let root = Section::root(node, diagnostics);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let (name, seed, description) = match root.section("experiment") {
        Some(section) => {
            let read = (section.get("name"), section.get("seed"), section.get("description"));
            section.finish();
            read
        }
        None => (None, None, None),
    };
    let resegmentation = root.section("resegmentation").map(|section| resegmentation(&section)).unwrap_or_default();
    let compat = root.choice("compat", &Compat::WORDS);
    // IBSI: the first bin begins at the lower bound of the re-segmentation range, if there is one and levels are of the scan.
    let from_range = match &resegmentation.range {
        None => Some(Minimum::Region),
        Some(Limits::Every([lower, _])) if lower.is_finite() => Some(Minimum::Limit(*lower)),
        Some(Limits::Every(_)) => Some(Minimum::Region),
        // There is no one lower bound.
        Some(Limits::ByModality(_)) => None,
    };
    let minimum = compat.map_or(from_range, |compat| Some(compat.minimum()));
    let cases_section = root.section("cases");
    let only = cases_section.as_ref().map(study::only).unwrap_or_default();
    let (output, tables) = output(&root, folder);
    let mut experiment = Experiment {
        path: path.to_owned(),
        folder: folder.to_owned(),
        name: name.unwrap_or(stem),
        seed: seed.unwrap_or(0),
        compat,
        cases: cases_section.as_ref().map_or(CaseSource::None, |section| cases(section, folder)),
        only,
        covariates: root.sections("covariates").iter().map(|(name, section)| covariate(name, section)).collect(),
        plugins: root.section("plugins").map(|section| plugins(&section, folder)).unwrap_or_default(),
        loaders: root.sections("load").into_iter().map(|(id, section)| (id, section.rest())).collect(),
        on_mismatch: root.section("geometry").and_then(|section| geometry(&section)).unwrap_or(OnMismatch::Error),
        max_scan_bytes: root.section("limits").and_then(|section| limits(&section)).unwrap_or(DEFAULT_MAX_SCAN_BYTES),
        regions: regions(&root, folder),
        prepare: None,
        interpolation: root.section("interpolation").and_then(|section| interpolation(&section)),
        perturb: root.section("perturb").and_then(|section| {
            let interpolates = root.section("interpolation").is_some();
            if root.section("prepare").is_some() {
                section.error("[perturb] and [prepare]: what is prepared as PyRadiomics does is on a grid that does not move; take one away");
            }
            perturb::perturb(&section, interpolates)
        }),
        controls: root.section("controls").map(|section| {
            if root.section("prepare").is_some() {
                section.error(
                    "[controls] and [prepare]: the intensities are others on the scan as it is stored, and what is prepared as \
                     PyRadiomics does is another scan; take one away",
                );
            }
            controls::controls(&section)
        }),
        resegmentation,
        discretisation: root.section("discretisation").and_then(|section| discretisation(&section, minimum)),
        images: images(&root, minimum, folder, compat),
        features: root
            .sections("features")
            .iter()
            .map(|(name, section)| family(name, section, minimum, compat))
            .collect(),
        exports: root.sections("export").iter().filter_map(|(name, section)| export(name, section)).collect(),
        predictors: root.sections("predict").iter().filter_map(|(name, section)| predict(name, section)).collect(),
        study: study::study(&root, folder),
        course: root.section("course").and_then(|section| course::course(&section, folder)),
        description: description.unwrap_or_default(),
        output,
        tables,
        lost: root.section("imported").map(|section| imported(&section)).unwrap_or_default(),
        document: node.value.to_json(),
        text: text.to_owned(),
        overrides: Vec::new(),
        placed: Default::default(),
        privacy: None,
        mistakes: Diagnostics::default(),
    };
    if experiment.regions.is_empty() && !experiment.study.is_of_tables() {
        root.error("the experiment names no region: add [regions.tumour]");
    }
    if let Some(section) = root.section("prepare") {
        let prepare = Prepare::read(&section);
        prepare.check(&section, compat, &experiment.regions, experiment.interpolation.is_some());
        experiment.prepare = Some(prepare);
    }
    maps::check_names(&experiment.images, diagnostics);
    name_columns(&mut experiment);
    if let Some(compat) = compat {
        compat.complete(&mut experiment, &root);
    }
    root.finish();
    experiment
}

/// Each cohort must have the columns of `[course]`.
fn name_columns(experiment: &mut Experiment) {
    let Some(course) = &experiment.course else { return };
    let cohorts: Vec<String> = experiment.study.cohorts.iter().map(|cohort| cohort.name.clone()).collect();
    let named = course.columns().map(|(key, column, origin)| study::NamedColumn {
        column: column.clone(),
        of: format!("course.{key}"),
        cohorts: cohorts.clone(),
        origin: origin.clone(),
    });
    experiment.study.columns.extend(named);
}

/// What an import has written down of itself.
fn imported(section: &Section<'_>) -> Vec<String> {
    let from: Option<String> = section.get("from");
    let lost: Vec<String> = section.get("lost").unwrap_or_default();
    section.finish();
    let from = from.unwrap_or_default();
    lost.into_iter().map(|lost| if from.is_empty() { lost } else { format!("{from}:{lost}") }).collect()
}

fn cases(section: &Section<'_>, folder: &Path) -> CaseSource {
    let list: Option<String> = section.get("list");
    let below: Option<String> = section.get("folder");
    let make: Option<OneOrMany<String>> = section.get("make");
    let patterns: (Option<String>, Option<String>) = (section.get("image"), section.get("mask"));
    section.finish();
    match (list, below, make, patterns) {
        (Some(list), None, None, (None, None)) => CaseSource::List(folder.join(list)),
        (None, Some(below), None, (Some(image), Some(mask))) => {
            for (key, pattern) in [("image", &image), ("mask", &mask)] {
                if pattern.matches("{case}").count() != 1 {
                    section
                        .error_at(key, format!("`{pattern}` must hold {{case}} once: it stands for the case's name"));
                }
            }
            CaseSource::Folder { folder: folder.join(below), image, mask }
        }
        (None, None, Some(make), (None, None)) => CaseSource::Make(make.0),
        // The list is given on the command line.
        (None, None, None, (None, None)) if section.section("only").is_some() => CaseSource::None,
        _ => {
            section.error(
                "[cases] takes one of: `list` (a CSV), `folder` with `image` and `mask` (patterns with {case}), or `make`",
            );
            CaseSource::None
        }
    }
}

fn covariate(name: &str, section: &Section<'_>) -> Covariate {
    let column: Option<String> = section.get("column");
    let levels: Option<Vec<String>> = section.get("levels");
    section.get::<String>("unit");
    section.finish();
    Covariate { name: name.into(), column: column.unwrap_or_else(|| name.into()), levels, measured: false }
}

fn geometry(section: &Section<'_>) -> Option<OnMismatch> {
    let words = [("error", OnMismatch::Error), ("resample-mask", OnMismatch::ResampleMask)];
    let choice = section.choice("on_mismatch", &words);
    section.finish();
    choice
}

fn limits(section: &Section<'_>) -> Option<u64> {
    let bytes = section.get("max_scan_bytes");
    section.finish();
    bytes
}

fn interpolation(section: &Section<'_>) -> Option<Interpolation> {
    let spacing: Option<[f64; 3]> =
        section.require("spacing_mm", "the new spacing of x, y, z in mm; 0 keeps the scan's");
    let words = [("nearest", Method::Nearest), ("linear", Method::Linear), ("cubic", Method::Cubic)];
    let image = section.choice("image", &words).unwrap_or(Method::Linear);
    let mask = section.choice("mask", &words[..2]).unwrap_or(Method::Linear);
    let round_intensities = section.get("round_intensities").unwrap_or(false);
    let beyond = [("clamp", BeyondEdge::Clamp), ("mirror", BeyondEdge::Mirror), ("repeat", BeyondEdge::Repeat)];
    let beyond = section.choice("beyond_edge", &beyond);
    section.finish();
    if image != Method::Cubic && beyond.is_some_and(|beyond| beyond != BeyondEdge::Clamp) {
        section.error_at(
            "beyond_edge",
            "`beyond_edge` is for image = \"cubic\": nearest and linear interpolation take the nearest voxel of the edge \
             (\"clamp\")",
        );
    }
    // The reasons for the default: docs/experiment.md.
    let beyond_edge = (image == Method::Cubic).then(|| beyond.unwrap_or(BeyondEdge::Mirror));
    let spacing_mm = spacing?;
    if spacing_mm.iter().any(|mm| !(0.0..=1000.0).contains(mm) || (*mm > 0.0 && *mm < 0.01)) {
        section.error_at(
            "spacing_mm",
            format!("{spacing_mm:?} mm is not a spacing: expected 0.01 to 1000, or 0 to keep the scan's"),
        );
    }
    Some(Interpolation { spacing_mm, image, mask, round_intensities, beyond_edge })
}

fn resegmentation(section: &Section<'_>) -> Resegmentation {
    let range = Limits::read(section, "range");
    let sigma: Option<f64> = section.get("sigma");
    let of_maximum: Option<[f64; 2]> = section.get("of_maximum");
    section.finish();
    if of_maximum.is_some_and(|[lower, upper]| lower.is_nan() || upper.is_nan() || lower > upper) {
        section
            .error_at("of_maximum", "`of_maximum` takes two parts of the maximum, the lower first, as in [0.4, inf]");
    }
    if sigma.is_some_and(|sigma| sigma <= 0.0 || !sigma.is_finite()) {
        section.error_at("sigma", "`sigma` must be above 0");
    }
    Resegmentation { range, sigma, of_maximum }
}

fn export(name: &str, section: &Section<'_>) -> Option<Export> {
    let valid = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !valid {
        section.error(format!("`{name}` cannot name an export: use letters, digits, `_` and `-`"));
    }
    let plugin: Option<String> = section.require("plugin", "the exporter, as in \"export-json\"");
    let settings = section.rest();
    Some(Export { name: name.into(), plugin: plugin?, settings })
}

fn images(root: &Section<'_>, default_minimum: Option<Minimum>, folder: &Path, compat: Option<Compat>) -> Vec<Image> {
    let sections = root.sections("images");
    let mut images = Vec::new();
    if sections.is_empty() {
        images.push(Image {
            name: "original".into(),
            scan: None,
            of: None,
            filter: None,
            mapping: None,
            fit: Fit::default(),
            discretisation: None,
            origin: root.origin().clone(),
        });
    }
    let read = sections.iter().map(|(name, section)| {
        let scan: Option<String> = section.get("scan");
        let filter: Option<String> = section.get("filter");
        let of: Option<String> = section.get("of");
        // A response is not limited by modality, and so needs no word about where its bins begin.
        let of_response = filter.as_ref().map(|_| Minimum::Region);
        let default_minimum = default_minimum.or(of_response);
        let own = section.section("discretisation").and_then(|own| discretisation(&own, default_minimum));
        let fit = Fit::read(section, folder);
        let filter = filter.map(|id| (id, section.rest()));
        section.finish();
        let origin = section.origin().clone();
        Image { name: name.clone(), scan, of, filter, mapping: None, fit, discretisation: own, origin }
    });
    images.extend(read);
    images.extend(maps::maps(root, default_minimum, compat));
    images
}

fn family(name: &str, section: &Section<'_>, default_minimum: Option<Minimum>, compat: Option<Compat>) -> Family {
    let plugin: Option<String> = section.get("family");
    let aggregations: Option<OneOrMany<String>> = section.get("aggregation");
    let own = section.section("discretisation").and_then(|own| discretisation(&own, default_minimum));
    let images: Option<OneOrMany<String>> = section.get("images");
    let regions: Option<OneOrMany<String>> = section.get("regions");
    let only: Option<OneOrMany<String>> = section.get("only");
    Family {
        name: name.into(),
        plugin: plugin.unwrap_or_else(|| compat.map_or_else(|| name.into(), |compat| compat.plugin(name))),
        aggregations: aggregations.map(|list| list.0).unwrap_or_default(),
        discretisation: own,
        images: images.map(|list| list.0),
        regions: regions.map(|list| list.0),
        only: only.map(|list| list.0),
        settings: section.rest(),
    }
}

fn predict(name: &str, section: &Section<'_>) -> Option<Predict> {
    let plugin: Option<String> = section.require("plugin", "the predictor, as in \"predict-linear\"");
    let settings = section.rest();
    Some(Predict { name: name.into(), plugin: plugin?, settings })
}
