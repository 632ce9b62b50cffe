//! The checks, by their names.

mod cost;
mod description;
mod files;
mod fitting;
mod geometry;
mod sameness;
mod settings;
mod shapes;
mod traces;

use voxomics_interface::describe::{Kind, Plugin, invariant};

use crate::{bench::Bench, verdict::Checked};

/// A check.
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What it looks at, in one line.
    pub purpose: &'static str,
    /// Whether the plugin must be configured for it.
    pub asks: bool,
    /// Why it does not concern a plugin.
    pub skips: fn(&Plugin) -> Option<&'static str>,
    /// The check itself.
    pub(crate) run: fn(&Bench<'_>) -> Checked,
}

/// Every check, in the order of a report.
pub const CHECKS: &[Check] = &[
    Check { asks: false, ..check("description", "it says what it is, completely", description::description) },
    Check { asks: false, ..check("settings-unknown", "a key that nobody knows is refused by name", settings::unknown) },
    Check {
        asks: false,
        ..check("settings-type", "a value of another type is refused by its key", settings::of_another_type)
    },
    Check {
        asks: false,
        ..check("settings-range", "a value out of range, or none, is refused by its key", settings::out_of_range)
    },
    of_images("one-voxel", "a region of one voxel", shapes::one_voxel),
    of_images("line", "regions of one row along each axis", shapes::line),
    of_images("flat", "a region of one intensity", shapes::flat),
    of_images("many-levels", "a region of 10,000 grey levels", shapes::many_levels),
    of_images("nan", "no number comes of a voxel that is NaN", shapes::not_a_number),
    of_images("negative-spacing", "a spacing below 0 is refused, or means the mirrored axis", shapes::negative_spacing),
    of_images("oblique", "where the patient lies changes no value", shapes::oblique),
    check("same-twice", "the same case has the same bits, on the same instance and on a new one", sameness::twice),
    check("threads", "the same bits on 1 and 7 threads, and for 7 calls at once", sameness::threads),
    check("order", "the order of cases changes no bit", sameness::order),
    check("after-failure", "a case that failed changes no later one", sameness::after_failure),
    Check {
        skips: claims_no_rotation,
        ..of_images("rotation", "a turned body has the same values", geometry::rotation)
    },
    Check {
        skips: claims_no_mirroring,
        ..of_images("mirroring", "a mirrored body has the same values", geometry::mirroring)
    },
    of_images("reach", "nothing beyond the declared margin is read", geometry::reach),
    Check {
        skips: no_filter,
        ..check("wanted", "the response in a box is the cut of the whole response", geometry::wanted)
    },
    Check { skips: no_maps, ..check("maps", "a map has the values of its neighbourhoods", geometry::maps) },
    Check { skips: does_not_fit, ..check("fitted", "what is fitted is repeatable, and needed", fitting::fitted) },
    Check {
        skips: does_not_learn,
        ..check("learns", "what is learnt is repeatable, and can be read again", fitting::learns)
    },
    Check { skips: no_predictor, ..check("missing-inputs", "inputs without a value", fitting::missing_inputs) },
    Check { skips: no_loader, ..check("recognises", "it knows its own files, and no others", files::recognises) },
    Check { skips: no_loader, ..check("damaged", "files that are damaged, empty or not there", files::damaged) },
    Check {
        skips: no_loader,
        ..check("size-limit", "a scan beyond the limit of memory is refused", files::size_limit)
    },
    check("prints", "nothing is printed", traces::prints),
    check("directory", "the working directory stays", traces::directory),
    check("locale", "the locale stays", traces::locale),
    check("rounding", "the processor's arithmetic stays", traces::rounding),
    check("environment", "the environment stays", traces::environment),
    check("threads-left", "no thread is left running", traces::threads),
    check("files-left", "no file is left, and none is left open", traces::files),
    check("time", "time as regions grow", cost::time),
    check("memory", "memory as regions grow, and after many calls", cost::memory),
    check("cancellation", "a run that is given up ends", cost::cancellation),
    check("messages", "every message is one line that says something, and names the plugin", cost::messages),
];

/// The check of that name.
pub fn named(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}

const fn check(name: &'static str, purpose: &'static str, run: fn(&Bench<'_>) -> Checked) -> Check {
    Check { name, purpose, asks: true, skips: |_| None, run }
}

const fn of_images(name: &'static str, purpose: &'static str, run: fn(&Bench<'_>) -> Checked) -> Check {
    Check { name, purpose, asks: true, skips: sees_no_image, run }
}

fn sees_no_image(plugin: &Plugin) -> Option<&'static str> {
    let sees = matches!(plugin.kind, Kind::Features | Kind::Filter | Kind::Regions);
    (!sees).then_some("it is shown no image")
}

fn claims_no_rotation(plugin: &Plugin) -> Option<&'static str> {
    let claims = [invariant::ROTATION, invariant::ROTATION_IN_PLANE].iter().any(|word| geometry::claims(plugin, word));
    (!claims).then_some("it does not claim that its values are those of a turned body")
}

fn claims_no_mirroring(plugin: &Plugin) -> Option<&'static str> {
    let claims = geometry::claims(plugin, invariant::MIRRORING);
    (!claims).then_some("it does not claim that its values are those of a mirrored body")
}

fn no_maps(plugin: &Plugin) -> Option<&'static str> {
    (!plugin.maps).then_some("it offers no maps")
}

fn no_filter(plugin: &Plugin) -> Option<&'static str> {
    (plugin.kind != Kind::Filter).then_some("it is no filter")
}

fn does_not_fit(plugin: &Plugin) -> Option<&'static str> {
    (!plugin.fits).then_some("it is not fitted on a cohort")
}

fn does_not_learn(plugin: &Plugin) -> Option<&'static str> {
    (!plugin.trains).then_some("it does not learn")
}

fn no_predictor(plugin: &Plugin) -> Option<&'static str> {
    (plugin.kind != Kind::Predict).then_some("it is no predictor")
}

fn no_loader(plugin: &Plugin) -> Option<&'static str> {
    (plugin.kind != Kind::Load).then_some("it is no loader")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_a_name_of_its_own_and_stands_in_the_page_for_authors() {
        let page = include_str!("../../../../docs/plugins.md");
        for (at, check) in CHECKS.iter().enumerate() {
            assert!(CHECKS[..at].iter().all(|other| other.name != check.name), "{} twice", check.name);
            assert!(page.contains(&format!("| `{}` |", check.name)), "docs/plugins.md does not tell of {}", check.name);
        }
    }
}
