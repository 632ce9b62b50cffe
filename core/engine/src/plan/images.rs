//! Images: filters configured, and what each is made of.

use voxomics_interface::describe::Kind;

use super::{Image, Map, Plan, Source, fitted, mapping, near, plugins};
use crate::{
    experiment::{self, Compat, Diagnostic, Diagnostics, Experiment, PluginSettings},
    host::{self, NamedFile, Plugins},
};

/// Configures the filter of every image and finds what it is made of.
pub fn images(
    experiment: &Experiment,
    plugins: &Plugins,
    files: &mut Vec<NamedFile>,
    diagnostics: &Diagnostics,
) -> Vec<Image> {
    let configure = |image: &experiment::Image, files: &mut Vec<NamedFile>| {
        let (name, scan) = (image.name.clone(), image.scan.clone());
        if let Some(stated) = &image.mapping {
            let (mapping, settings) = mapping::configure(image, stated, experiment, plugins, files, diagnostics)?;
            let (mapping, of) = (Some(mapping), Source::Scan);
            return Some(Image { name, scan, of, filter: None, mapping, settings, state: None });
        }
        let Some((id, settings)) = &image.filter else {
            return Some(Image {
                name,
                scan,
                of: Source::Scan,
                filter: None,
                mapping: None,
                settings: serde_json::Value::Null,
                state: None,
            });
        };
        let of = plugins::find(plugins, Kind::Filter, id, &image.origin, diagnostics)?;
        let mut settings: PluginSettings = settings.clone();
        files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
        let of_image = format!("images.{name}");
        let state = fitted::state(&image.fit, &of_image, &image.origin, of, experiment, files, diagnostics).ok()?;
        match host::filter(of, &settings, state.as_ref().map(|state| state.text.as_str()), diagnostics) {
            Ok(instance) => instance.map(|filter| Image {
                name,
                scan,
                of: Source::Scan,
                filter: Some(filter),
                mapping: None,
                settings: host::with_defaults(of.plugin, &settings),
                state,
            }),
            Err(error) => {
                diagnostics.push(Diagnostic::new(image.origin.clone(), error.to_string()));
                None
            }
        }
    };
    let mut images: Vec<Image> = experiment.images.iter().filter_map(|image| configure(image, files)).collect();
    // What an image is made of is only known if all are there.
    if images.len() == experiment.images.len() {
        let maps = maps(&images, experiment.compat);
        for (at, stated) in experiment.images.iter().enumerate() {
            match source(stated, &images, &maps) {
                Ok(source) => images[at].of = source,
                Err(wrong) => {
                    let section = if stated.mapping.is_some() { "maps" } else { "images" };
                    let message = format!("[{section}.{}] {wrong}", stated.name);
                    diagnostics.push(Diagnostic::new(stated.origin.clone(), message));
                }
            }
        }
        for (image, stated) in images.iter().zip(&experiment.images) {
            unknown_region(image, stated, experiment, diagnostics);
        }
        no_circles(&mut images, experiment, diagnostics);
        discretise_maps(&mut images, experiment);
        only_numbers(&images, experiment, diagnostics);
        each_once(&maps, &images, experiment, diagnostics);
        inherit_scans(&mut images, experiment, &maps);
    }
    images
}

/// The levels of maps are those of what they are made of.
fn discretise_maps(images: &mut [Image], experiment: &Experiment) {
    for (image, stated) in images.iter_mut().zip(&experiment.images) {
        let Some(mapping) = &mut image.mapping else { continue };
        let source = match image.of {
            Source::Response { image, .. } => experiment.images.get(image),
            Source::Scan => experiment.images.iter().find(|source| source.name == mapping.of),
        };
        mapping::discretise_as_source(mapping, stated, source);
    }
}

/// A filter that looks at regions names one that is there.
fn unknown_region(image: &Image, stated: &experiment::Image, experiment: &Experiment, diagnostics: &Diagnostics) {
    let looks = image.filter.as_ref().is_some_and(|filter| filter.sees_regions || filter.unfitted);
    let Some(name) = image.region().filter(|_| looks) else { return };
    let known = || experiment.regions.iter().map(|region| &region.name);
    if known().all(|known| known != name) {
        let message =
            format!("[images.{}] `region` names `{name}`, which is no region{}", image.name, near(name, known()));
        diagnostics.push(Diagnostic::new(stated.origin.clone(), message));
    }
}

/// A filter of a map sees a number where the map has no value, or it would answer nothing else than NaN.
fn only_numbers(images: &[Image], experiment: &Experiment, diagnostics: &Diagnostics) {
    for (image, stated) in images.iter().zip(&experiment.images).filter(|(image, _)| image.filter.is_some()) {
        let Source::Response { image: of, .. } = image.of else { continue };
        if images[of].mapping.as_ref().is_some_and(|mapping| mapping.fill.is_nan()) {
            let message = format!(
                "[images.{}] filters the map `{1}`, which has no value outside its region: say what the filter is to see \
                 there, with a number as `fill` in [maps.{1}]",
                image.name, images[of].name
            );
            diagnostics.push(Diagnostic::new(stated.origin.clone(), message));
        }
    }
}

/// No map is called as another image is.
fn each_once(maps: &[Map], images: &[Image], experiment: &Experiment, diagnostics: &Diagnostics) {
    for (at, map) in maps.iter().enumerate().filter(|(_, map)| images[map.image].mapping.is_some()) {
        if let Some(other) = maps[..at].iter().find(|other| other.name == map.name) {
            let message = format!(
                "[maps.{}] and `{}` both make an image that is called `{}`: call one of them otherwise",
                images[map.image].name, images[other.image].name, map.name
            );
            return diagnostics.push(Diagnostic::new(experiment.images[map.image].origin.clone(), message));
        }
    }
}

/// An image that is made of another one is of its scan.
fn inherit_scans(images: &mut [Image], experiment: &Experiment, maps: &[Map]) {
    let source = |of: &Option<String>| maps.iter().find(|map| Some(&map.name) == of.as_ref()).map(|map| map.image);
    // A chain has no more links than there are images.
    for _ in 0..images.len() {
        for (at, stated) in experiment.images.iter().enumerate() {
            if let Some(source) = source(&stated.of) {
                images[at].scan = images[source].scan.clone();
            }
        }
    }
}

/// Every image that features can be computed of.
pub fn maps(images: &[Image], compat: Option<Compat>) -> Vec<Map> {
    let mut maps = Vec::new();
    for (index, image) in images.iter().enumerate() {
        if let Some(mapping) = &image.mapping {
            let names = mapping.names(&image.name, compat).into_iter().enumerate();
            maps.extend(names.map(|(response, name)| Map { name, image: index, response }));
            continue;
        }
        let names = image.filter.as_ref().map_or_else(|| vec![String::new()], |filter| filter.maps.clone());
        for (response, name) in names.iter().enumerate() {
            let name = match compat {
                _ if name.is_empty() => image.name.clone(),
                None => format!("{}.{name}", image.name),
                Some(compat) => compat.map(&image.name, name),
            };
            maps.push(Map { name, image: index, response });
        }
    }
    maps
}

/// What an image is made of: the scan, or the map that its `of` names.
fn source(stated: &experiment::Image, images: &[Image], maps: &[Map]) -> Result<Source, String> {
    let Some(of) = &stated.of else { return Ok(Source::Scan) };
    if stated.scan.is_some() {
        return Err(format!("is made of `{of}`, whose scan it has: take `scan` away"));
    }
    if stated.filter.is_none() && stated.mapping.is_none() {
        return Err(format!("is made of `{of}`, but names no filter: add `filter`, or take `of` away"));
    }
    if let Some(map) = maps.iter().find(|map| map.name == *of) {
        return Ok(match images[map.image].is_original() {
            true => Source::Scan,
            false => Source::Response { image: map.image, response: map.response },
        });
    }
    let of_image: Vec<&str> =
        maps.iter().filter(|map| images[map.image].name == *of).map(|map| map.name.as_str()).collect();
    if of_image.is_empty() {
        let names = maps.iter().map(|map| &map.name);
        return Err(format!("is made of `{of}`, which is no image{}", near(of, names)));
    }
    Err(format!("is made of `{of}`, which has several maps; name one of {}", of_image.join(", ")))
}

/// Images that are made of each other are a mistake, and then made of the scan, so that the plan can be looked at.
fn no_circles(images: &mut [Image], experiment: &Experiment, diagnostics: &Diagnostics) {
    let in_circle = |start: usize| {
        let mut at = start;
        for _ in 0..images.len() {
            match images[at].of {
                Source::Scan => return false,
                Source::Response { image, .. } => at = image,
            }
        }
        true
    };
    let circle: Vec<usize> = (0..images.len()).filter(|at| in_circle(*at)).collect();
    if let Some(first) = circle.first() {
        let names: Vec<&str> = circle.iter().map(|at| images[*at].name.as_str()).collect();
        let message = format!("these images are made of each other in a circle: {}", names.join(", "));
        diagnostics.push(Diagnostic::new(experiment.images[*first].origin.clone(), message));
    }
    circle.into_iter().for_each(|at| images[at].of = Source::Scan);
}

impl Plan {
    /// Unit of the intensities of a map, by that of the scan; empty if it is not known.
    pub fn unit_of<'a>(&'a self, map: &'a Map, scan: &'a str) -> &'a str {
        let image = &self.images[map.image];
        if let Some(mapping) = &image.mapping {
            return match mapping.features.get(map.response).map_or("", |feature| feature.unit.as_str()) {
                "intensity" => self.unit_of_source(image, scan),
                unit if unit.contains("intensity") => "",
                unit => unit,
            };
        }
        let Some(filter) = &image.filter else { return scan };
        match filter.units.get(map.response).map(String::as_str) {
            Some("intensity") => self.unit_of_source(image, scan),
            Some(unit) => unit,
            None => "",
        }
    }

    /// The same of what an image is made of.
    pub fn unit_of_source<'a>(&'a self, image: &'a Image, scan: &'a str) -> &'a str {
        let Source::Response { image, response } = image.of else { return scan };
        let of = |map: &&Map| map.image == image && map.response == response;
        self.maps.iter().find(of).map_or("", |map| self.unit_of(map, scan))
    }
}
