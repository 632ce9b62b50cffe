//! What the plan of `[course]` is: inputs over time, and the inputs that are diameters.

use voxomics_interface::selection::fits;

use super::{InputRef, Plan, near};
use crate::experiment::{
    Components, Diagnostic, Diagnostics, Experiment, Placed,
    course::{Course, Delta},
};

/// How lesions are followed over time.
#[derive(Debug, Clone, PartialEq)]
pub struct CoursePlan {
    /// What the experiment says.
    pub stated: Course,
    /// For each input over time, the place of the input and what is computed of it; in the order of the plan's inputs.
    pub deltas: Vec<(usize, Delta)>,
    /// The inputs that are diameters, if sums are wanted.
    pub diameters: Option<Diameters>,
    /// Index of the region whose volume is followed.
    pub region: usize,
}

/// The inputs that are diameters, by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diameters {
    /// The longest diameter.
    pub longest: usize,
    /// The short axis, where nodes are measured by it.
    pub short_axis: Option<usize>,
}

impl Plan {
    /// The inputs of one case, without those over time.
    pub fn of_case(&self) -> &[(String, InputRef)] {
        &self.inputs[..self.inputs_of_case]
    }

    /// Offers the inputs over time, behind those of one case.
    pub(super) fn add_course(&mut self, experiment: &Experiment, diagnostics: &Diagnostics) {
        self.inputs_of_case = self.inputs.len();
        let Some(stated) = &experiment.course else { return };
        let fail = |message: String| diagnostics.push(Diagnostic::new(stated.origin.clone(), message));
        self.refused(experiment).into_iter().for_each(fail);
        let region = match &stated.region {
            None => 0,
            Some(Placed { value, origin }) => {
                let known = || self.regions.iter().map(|region| &region.name);
                self.regions.iter().position(|region| region.name == *value).unwrap_or_else(|| {
                    let message = format!("there is no region `{value}`{}", near(value, known()));
                    diagnostics.push(Diagnostic::new(origin.clone(), message));
                    0
                })
            }
        };
        let find = |placed: &Placed<String>| {
            let found = self.inputs.iter().position(|(name, _)| *name == placed.value);
            if found.is_none() {
                let near = near(&placed.value, self.inputs.iter().map(|(name, _)| name));
                let message = format!("no input is called `{}`{near}", placed.value);
                diagnostics.push(Diagnostic::new(placed.origin.clone(), message));
            }
            found
        };
        let diameters = stated.sums.as_ref().and_then(|sums| {
            let (longest, short_axis) = (find(&sums.longest), sums.short_axis.as_ref().map(find));
            Some(Diameters { longest: longest?, short_axis: short_axis.flatten() })
        });
        let mut deltas = Vec::new();
        for input in self.followed(stated, diagnostics) {
            deltas.extend(stated.deltas.iter().map(|delta| (input, *delta)));
        }
        let offered =
            deltas.iter().map(|(of, kind)| (kind.name(&self.inputs[*of].0), InputRef::Delta { of: *of, kind: *kind }));
        let offered: Vec<_> = offered.collect();
        self.inputs.extend(offered);
        self.course = Some(CoursePlan { stated: stated.clone(), deltas, diameters, region });
    }

    /// What cannot be followed.
    fn refused(&self, experiment: &Experiment) -> Vec<String> {
        let mut refused = Vec::new();
        let matching = experiment.course.as_ref().is_some_and(|course| course.matching.is_some());
        let each = self.regions.iter().find(|region| region.components == Components::Each);
        if let Some(region) = each.filter(|_| !matching) {
            refused.push(format!(
                "[course] follows lesions by the list of cases, and [regions.{}] has components = \"each\": components are numbered \
                 anew at each time point. Give each lesion a row of the list, with a label of its own, or match them: [course.match]",
                region.name
            ));
        }
        if let Some((cohort, _)) = experiment.study.feature_tables().next().filter(|_| matching) {
            refused.push(format!(
                "[course.match] compares outlines, and the cohort `{}` is a table: name the column that tells lesions apart, as in \
                 lesion = \"lesion\"",
                cohort.name
            ));
        }
        if let Some(cohort) = experiment.study.cohorts.iter().find(|cohort| cohort.readers.is_some()) {
            refused.push(format!(
                "[course] and the readers of the cohort `{}` cannot be together: keep one reader's outlines, with `only`",
                cohort.name
            ));
        }
        if let Some(fitted) = self.to_fit(experiment) {
            refused.push(format!(
                "[course] and [{}], which is fitted on a cohort, cannot be together: the folds of a training would not fit it anew. \
                 Fit it first, and name the file in `state`",
                fitted.name
            ));
        }
        refused
    }

    /// The inputs that are followed over time.
    fn followed(&self, stated: &Course, diagnostics: &Diagnostics) -> Vec<usize> {
        let is_number = |input: &InputRef| !matches!(input, InputRef::Covariate { level: Some(_), .. });
        let measured = |input: &InputRef| match input {
            InputRef::Feature { .. } => true,
            InputRef::Covariate { column, .. } => self.covariate_of_column(column).is_some_and(|of| of.measured),
            InputRef::Delta { .. } => false,
        };
        let inputs = || self.inputs.iter().enumerate().filter(|(_, (_, input))| is_number(input));
        let Some(patterns) = &stated.inputs else {
            return inputs().filter(|(_, (_, input))| measured(input)).map(|(place, _)| place).collect();
        };
        for Placed { value: pattern, origin } in patterns {
            if !inputs().any(|(_, (name, _))| fits(pattern, f64::NAN, name)) {
                let near = near(pattern, inputs().map(|(_, (name, _))| name));
                let message = format!("`inputs`: no number among the inputs fits `{pattern}`{near}");
                diagnostics.push(Diagnostic::new(origin.clone(), message));
            }
        }
        let wanted = |name: &str| patterns.iter().any(|pattern| fits(&pattern.value, f64::NAN, name));
        inputs().filter(|(_, (name, _))| wanted(name)).map(|(place, _)| place).collect()
    }
}
