//! Other software's definitions and names, on request: what `compat` at the top of an experiment stands for.

use serde::Serialize;
use voxomics_imaging::{View, discretisation::Edges, mask::bounding_box};

use super::{Discretisation, Experiment, Family, Minimum, PluginSettings, section::Section};

/// Other software whose definitions and names are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compat {
    /// PyRadiomics 3.0.1: its bin edges, its feature definitions, its column names.
    Pyradiomics,
}

/// PyRadiomics' feature classes, in the order of its output.
const CLASSES: [&str; 7] = ["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"];

/// The bin width that PyRadiomics takes if a parameter file gives none.
const BIN_WIDTH: f64 = 25.0;

impl Compat {
    /// The words of the key.
    pub const WORDS: [(&str, Self); 1] = [("pyradiomics", Self::Pyradiomics)];

    /// The plugin library that has the definitions.
    pub fn library(self) -> &'static str {
        match self {
            Self::Pyradiomics => "features-pyradiomics",
        }
    }

    /// Where bins of a fixed size begin unless the experiment says otherwise.
    pub fn minimum(self) -> Minimum {
        match self {
            Self::Pyradiomics => Minimum::MultipleOfWidth,
        }
    }

    /// The edges between which levels lie, where they are not those of IBSI's formulas; `single` for an image that is
    /// stored in single precision.
    pub fn edges(self, discretisation: &Discretisation, single: bool) -> Option<Edges> {
        let Self::Pyradiomics = self;
        match *discretisation {
            Discretisation::FixedBinNumber { bins } => Some(Edges::Number { bins, single }),
            Discretisation::FixedBinSize { width, minimum: Minimum::MultipleOfWidth, maximum: None, .. } => {
                Some(Edges::Multiples { width })
            }
            Discretisation::FixedBinSize { .. } => None,
        }
    }

    /// The plugin of a family that names none.
    pub fn plugin(self, family: &str) -> String {
        if CLASSES.contains(&family) { format!("pyradiomics-{family}") } else { family.into() }
    }

    /// The name of a column: `original_glcm_JointEntropy`. An aggregation is named only where there are several.
    pub fn column(self, image: &str, family: &str, aggregation: &str, feature: &str) -> String {
        let between = if aggregation.is_empty() { String::new() } else { format!("_{aggregation}") };
        // Features that PyRadiomics advises against are a family of their own, and have the names of their class.
        let family = family.strip_suffix("-deprecated").unwrap_or(family);
        format!("{image}_{family}{between}_{feature}")
    }

    /// The name of a response map: `wavelet-LLH`; a level beyond the first is part of the first word, `wavelet2-LLH`.
    pub fn map(self, image: &str, map: &str) -> String {
        let hyphen = if map.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "-" };
        format!("{image}{hyphen}{map}")
    }

    /// The name of a map: as that of a column, with the class of a family `features-pyradiomics-glcm`.
    pub fn map_of(self, image: &str, family: &str, feature: &str) -> String {
        let family = family.strip_prefix("features-").unwrap_or(family);
        self.column(image, family.strip_prefix("pyradiomics-").unwrap_or(family), "", feature)
    }

    /// Fills in what the experiment leaves open: the discretisation, all classes if it names no family, and the
    /// original image for shape, which no filter changes.
    pub(super) fn complete(self, experiment: &mut Experiment, root: &Section<'_>) {
        if experiment.discretisation.is_none() {
            experiment.discretisation = Some(Discretisation::FixedBinSize {
                width: BIN_WIDTH,
                minimum: self.minimum(),
                maximum: None,
                exclude_out_of_bounds: false,
            });
        }
        // Who asks for maps alone wants no features of regions.
        if experiment.features.is_empty() && experiment.images.iter().all(|image| image.mapping.is_none()) {
            experiment.features = CLASSES.map(|class| self.family(class, root)).into();
        }
        let original =
            |image: &&super::Image| image.mapping.is_none() && (image.filter.is_none() || image.name == "original");
        let originals: Vec<String> =
            experiment.images.iter().filter(original).map(|image| image.name.clone()).collect();
        for family in experiment.features.iter_mut().filter(|family| Self::is_shape(&family.plugin)) {
            if originals.is_empty() && family.images.is_none() {
                root.error(format!(
                    "[features.{}] belongs to the original image, which the experiment does not have: add \
                     [images.original]",
                    family.name
                ));
            }
            family.images.get_or_insert_with(|| originals.clone());
        }
        let named = experiment.plugins.names.iter().any(|name| name.value == self.library());
        let maps = experiment.images.iter().filter_map(|image| image.mapping.as_ref());
        let mut plugins = experiment.features.iter().map(|family| &family.plugin).chain(maps.map(|map| &map.plugin));
        let used = plugins.any(|plugin| plugin.starts_with("pyradiomics-"));
        if used && !named && experiment.plugins.files.is_empty() {
            let library = self.library();
            root.error_at("plugins", format!("`compat` needs \"{library}\" in `plugins.use`: it has the definitions"));
        }
    }

    /// Whether a family is of the region alone.
    pub fn is_shape(plugin: &str) -> bool {
        let plugin = plugin.strip_prefix("features-").unwrap_or(plugin);
        ["pyradiomics-shape", "pyradiomics-shape-deprecated", "pyradiomics-shape2d"].contains(&plugin)
    }

    /// A region within the box of the voxels that re-segmentation leaves of it, where that is another mask: PyRadiomics cuts
    /// the mask of shape to that box, and takes nothing else out.
    pub fn cut(self, region: View<u8>, left: &[u8]) -> Option<Vec<u8>> {
        let dims = region.dims();
        let part = bounding_box(View::new(dims, left))?;
        let inside = |at: usize| {
            let index = [at % dims[0], at / dims[0] % dims[1], at / dims[0] / dims[1]];
            (0..3).all(|axis| (part.start[axis]..part.end[axis]).contains(&index[axis]))
        };
        let cut: Vec<u8> = region.data().iter().enumerate().map(|(at, voxel)| voxel * u8::from(inside(at))).collect();
        (cut != region.data()).then_some(cut)
    }

    fn family(self, class: &str, root: &Section<'_>) -> Family {
        let mut settings = PluginSettings::empty(&format!("features.{class}"));
        settings.origin = root.origin().clone();
        Family {
            name: class.into(),
            plugin: self.plugin(class),
            aggregations: Vec::new(),
            discretisation: None,
            images: None,
            regions: None,
            only: None,
            settings,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Result<Experiment, String> {
        let experiment = Experiment::from_text(Path::new("an.toml"), Path::new("."), text, &[])?;
        if experiment.mistakes.is_empty() { Ok(experiment) } else { Err(experiment.mistakes.render()) }
    }

    const HEAD: &str = "compat = \"pyradiomics\"\n[plugins]\nuse = [\"features-pyradiomics\"]\n[regions.tumour]\n";

    #[test]
    fn the_key_alone_gives_everything() {
        let experiment = read(HEAD).expect("it is sound");
        let plugins: Vec<&str> = experiment.features.iter().map(|family| family.plugin.as_str()).collect();
        assert_eq!(plugins, CLASSES.map(|class| format!("pyradiomics-{class}")));
        let Some(Discretisation::FixedBinSize { width: 25.0, minimum: Minimum::MultipleOfWidth, .. }) =
            experiment.discretisation
        else {
            panic!("{:?}", experiment.discretisation);
        };
    }

    #[test]
    fn what_the_file_says_stays() {
        let text = format!(
            "{HEAD}[images.original]\n[images.log]\nfilter = \"a\"\n[resegmentation]\nrange = [0, 9]\n\
             [discretisation]\nmethod = \"fixed bin size\"\nwidth = 5\nminimum = 1\n\
             [features.shape]\n[features.glcm]\n[features.own]\n[features.gldm]\nfamily = \"glcm\"\n"
        );
        let experiment = read(&text).expect("it is sound");
        let plugins: Vec<&str> = experiment.features.iter().map(|family| family.plugin.as_str()).collect();
        assert_eq!(plugins, ["pyradiomics-shape", "pyradiomics-glcm", "own", "glcm"]);
        assert_eq!(experiment.features[0].images, Some(vec!["original".into()]));
        assert_eq!(experiment.features[1].images, None);
        assert!(matches!(
            experiment.discretisation,
            Some(Discretisation::FixedBinSize { width: 5.0, minimum: Minimum::At(1.0), .. })
        ));
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = read("compat = \"pyradiomics\"\n[plugins]\nuse = []\n[regions.tumour]\n").unwrap_err();
        assert!(error.contains("\"features-pyradiomics\" in `plugins.use`"), "{error}");
        let error = read(&format!("{HEAD}[images.log]\nfilter = \"a\"\n")).unwrap_err();
        assert!(error.contains("add [images.original]"), "{error}");
        assert!(read("compat = \"pyradiomix\"\n[regions.tumour]\n").unwrap_err().contains("\"pyradiomics\""));
    }

    #[test]
    fn bins_begin_at_multiples_of_their_width() {
        let at = |lowest: f64, width| Minimum::MultipleOfWidth.resolve(width, || Some(lowest));
        assert_eq!(
            [at(-1000.0, 25.0), at(-1.0, 25.0), at(49.0, 25.0), at(0.0, 25.0)],
            [Some(-1000.0), Some(-25.0), Some(25.0), Some(0.0)]
        );
        assert_eq!(Minimum::Region.resolve(25.0, || Some(3.0)), None);
        assert_eq!(Minimum::At(7.0).resolve(25.0, || Some(3.0)), Some(7.0));
    }

    #[test]
    fn without_the_key_bins_begin_at_the_range() {
        let text = "[plugins]\nuse = []\n[regions.tumour]\n[resegmentation]\nrange = [0, 9]\n\
                    [discretisation]\nmethod = \"fixed bin size\"\nwidth = 5\n";
        let begins = |text: &str| match read(text).expect("it is sound").discretisation {
            Some(Discretisation::FixedBinSize { minimum, .. }) => minimum,
            other => panic!("{other:?}"),
        };
        assert_eq!(begins(text), Minimum::Limit(0.0));
        assert_eq!(begins(&format!("{text}minimum = \"multiple of width\"\n")), Minimum::MultipleOfWidth);
        assert_eq!(begins(&format!("{text}minimum = \"region\"\n")), Minimum::Region);
    }
}
