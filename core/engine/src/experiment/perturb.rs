//! `[perturb]`: how cases are perturbed, to see which features stay what they are.

use super::{
    document::{Node, Value},
    section::{FromNode, OneOrMany, Placed, Section},
};

/// More perturbations of a case than this are a mistake sooner than a wish.
const MOST: usize = 1000;

/// How cases are perturbed.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturb {
    /// Angles about the axis across the slices, degrees.
    pub rotation_deg: Vec<f64>,
    /// Shifts along *x*, *y*, *z*, in voxels of the features' grid.
    pub translation: Vec<[f64; 3]>,
    /// How many noises are added, one at a time; 0 for none.
    pub noise: u64,
    /// Their standard deviation in the unit of the scan; estimated from each scan if it is not stated.
    pub noise_sd: Option<f64>,
    /// Shares of its volume by which a region grows, or shrinks below 0.
    pub volume_change: Vec<f64>,
    /// How many of all combinations are drawn; all of them if it is not stated.
    pub draw: Option<usize>,
    /// The regions whose volume is changed; those that features are computed of if none is named.
    pub regions: Option<Vec<Placed<String>>>,
}

impl Perturb {
    /// Whether the grid is moved.
    pub fn moves(&self) -> bool {
        self.rotation_deg.iter().any(|angle| *angle != 0.0) || self.translation.iter().flatten().any(|t| *t != 0.0)
    }

    /// How many combinations there are.
    pub fn combinations(&self) -> usize {
        let noises = usize::try_from(self.noise).unwrap_or(usize::MAX).max(1);
        let counts = [self.rotation_deg.len(), self.translation.len(), noises, self.volume_change.len()];
        counts.into_iter().fold(1, usize::saturating_mul)
    }
}

/// `[0.25, 0.75]`, of which each axis takes each, or `[[0.25, 0, 0], …]`.
struct Translations(Vec<[f64; 3]>);

impl FromNode for Translations {
    fn from_node(node: &Node) -> Result<Self, String> {
        let expected = || "fractions of a voxel, which each axis takes in turn, or a list of [x, y, z]".to_owned();
        let is_list = |node: &Node| matches!(node.value, Value::List(_));
        if let Value::List(list) = &node.value
            && list.iter().any(is_list)
        {
            return Vec::from_node(node).map(Self).map_err(|_| expected());
        }
        let each = OneOrMany::<f64>::from_node(node).map_err(|_| expected())?.0;
        let mut all = Vec::new();
        for x in &each {
            for y in &each {
                all.extend(each.iter().map(|z| [*x, *y, *z]));
            }
        }
        Ok(Self(all))
    }
}

/// Reads the section; `interpolates` says whether there is an interpolation.
pub(super) fn perturb(section: &Section<'_>, interpolates: bool) -> Option<Perturb> {
    let list = |key: &str| section.get::<OneOrMany<f64>>(key).map_or_else(|| vec![0.0], |list| list.0);
    let read = Perturb {
        rotation_deg: list("rotation_deg"),
        translation: section.get::<Translations>("translation").map_or_else(|| vec![[0.0; 3]], |list| list.0),
        noise: section.get("noise").unwrap_or(0),
        noise_sd: section.get("noise_sd"),
        volume_change: list("volume_change"),
        draw: section.get::<u64>("draw").map(|draw| usize::try_from(draw).unwrap_or(usize::MAX)),
        regions: section.get::<OneOrMany<Placed<String>>>("regions").map(|list| list.0),
    };
    section.finish();
    let wrong = wrong(&read, interpolates);
    wrong.iter().for_each(|(key, message)| section.error_at(key, message.as_str()));
    wrong.is_empty().then_some(read)
}

/// What is wrong, each with its key.
fn wrong(read: &Perturb, interpolates: bool) -> Vec<(&'static str, String)> {
    let mut wrong: Vec<(&str, String)> = Vec::new();
    let mut check = |key: &'static str, values: &[f64], fits: &dyn Fn(f64) -> bool, expected: &str| {
        if let Some(value) = values.iter().find(|value| !fits(**value)) {
            wrong.push((key, format!("`{key}` has {value}, expected {expected}")));
        }
    };
    check("rotation_deg", &read.rotation_deg, &|angle| angle.abs() <= 360.0, "-360 to 360 degrees");
    let shifts: Vec<f64> = read.translation.iter().flatten().copied().collect();
    check("translation", &shifts, &|t| t.abs() <= 1.0, "-1 to 1 voxels of the grid of the features");
    let share = |change: f64| change > -1.0 && change <= 10.0;
    check("volume_change", &read.volume_change, &share, "a share of the volume above -1, up to 10, as in 0.2 for 20 %");
    let sd: Vec<f64> = read.noise_sd.into_iter().collect();
    check("noise_sd", &sd, &|sd| sd > 0.0 && sd.is_finite(), "a standard deviation above 0");
    if read.noise_sd.is_some() && read.noise == 0 {
        wrong.push(("noise_sd", "`noise_sd` is the size of a noise: say how many with `noise`".into()));
    }
    let lists = [
        ("rotation_deg", read.rotation_deg.iter().map(|angle| vec![*angle]).collect::<Vec<_>>()),
        ("translation", read.translation.iter().map(|shift| shift.to_vec()).collect()),
        ("volume_change", read.volume_change.iter().map(|change| vec![*change]).collect()),
    ];
    for (key, values) in lists {
        if values.is_empty() {
            wrong.push((key, format!("`{key}` is empty: take it away, or name a number")));
        }
        if let Some((at, twice)) = values.iter().enumerate().find(|(at, value)| values[..*at].contains(value)) {
            wrong.push((key, format!("`{key}` has {twice:?} twice (again as number {})", at + 1)));
        }
    }
    let all = read.combinations();
    let is_one = read.noise == 0 && !read.moves() && read.volume_change.iter().all(|change| *change == 0.0);
    if is_one && wrong.is_empty() {
        let message = "it perturbs nothing: name some of `rotation_deg`, `translation`, `noise` and `volume_change`";
        wrong.push(("rotation_deg", message.into()));
    }
    match read.draw {
        Some(draw) if !(1..=MOST.min(all)).contains(&draw) => {
            let most = MOST.min(all);
            wrong.push(("draw", format!("`draw` is {draw}, expected 1 to {most}: there are {all} combinations")));
        }
        None if all > MOST => {
            wrong.push((
                "draw",
                format!("there are {all} combinations, at most {MOST} are done: say how many with `draw`"),
            ));
        }
        _ => {}
    }
    if read.moves() && !interpolates {
        let key = if read.rotation_deg.iter().any(|angle| *angle != 0.0) { "rotation_deg" } else { "translation" };
        let message = "a grid that moves needs [interpolation], which says how values between voxels are found; \
                       spacing_mm = 0 keeps the spacing of the scan";
        wrong.push((key, message.into()));
    }
    wrong
}
