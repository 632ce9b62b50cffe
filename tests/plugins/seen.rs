//! What a sound plugin sees: the host's own memory, and the host's own threads.

use voxomics_engine::{
    describe::Kind,
    experiment::{Diagnostics, PluginSettings},
    host::{self, CaseHost, FamilyInstance, PluginLibrary, Plugins, RegionInput, Services},
};
use voxomics_imaging::Grid;
use voxomics_tests::table;

use crate::bench::{Bench, file, misbehaving, said};

/// A family of `witness`, configured in this process.
fn witness(id: &str) -> FamilyInstance {
    let mut plugins = Plugins::default();
    plugins.add(PluginLibrary::load(&misbehaving("witness"), None).expect("a plugin")).expect("the only one");
    let of = plugins.find(Kind::Features, id).expect("it is described");
    let diagnostics = Diagnostics::default();
    let instance = host::family(of, &PluginSettings::empty(id), &diagnostics).expect("it tells its needs");
    instance.unwrap_or_else(|| panic!("{}", diagnostics.render()))
}

/// A box of voxels with everything that a family may see.
struct Voxels {
    grid: Grid,
    image: Vec<f64>,
    morphological: Vec<u8>,
    intensity: Vec<u8>,
    levels: Vec<u16>,
}

impl Voxels {
    fn new() -> Self {
        let grid = Grid::axis_aligned([50, 40, 30], [1.0, 2.0, 3.0]);
        let count = 50 * 40 * 30;
        let image = (0..count).map(|i| f64::from(i) * 0.37).collect();
        let count = count as usize;
        Self { grid, image, morphological: vec![1; count], intensity: vec![1; count], levels: vec![3; count] }
    }

    fn input(&self) -> RegionInput<'_> {
        RegionInput {
            grid: &self.grid,
            image: &self.image,
            morphological_mask: &self.morphological,
            intensity_mask: &self.intensity,
            levels: &self.levels,
            level_count: 3,
        }
    }
}

/// The values of a family, which must all be defined.
fn values(family: &FamilyInstance, voxels: &Voxels) -> Vec<f64> {
    let host = CaseHost::new(&Services::default(), "case");
    let values = family.compute(voxels.input(), &[], &host).expect("features");
    values.into_iter().map(|value| value.expect("defined")).collect()
}

#[test]
fn no_array_is_copied_on_its_way_to_a_plugin() {
    let voxels = Voxels::new();
    let seen = values(&witness("addresses"), &voxels);
    let own = [
        voxels.image.as_ptr().addr(),
        voxels.morphological.as_ptr().addr(),
        voxels.intensity.as_ptr().addr(),
        voxels.levels.as_ptr().addr(),
    ];
    assert!(own.iter().all(|address| *address < 1 << 53), "exact as f64");
    assert_eq!(seen, own.map(|address| address as f64));
}

#[test]
fn families_of_one_region_see_one_array() {
    let bench = Bench::new(&format!(
        "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti']\n{}[regions.tumour]\nlabel = 1\n\
         [discretisation]\nmethod = 'fixed bin number'\nbins = 8\n\
         [features.one]\nfamily = 'addresses'\n[features.other]\nfamily = 'addresses'\n",
        file(&misbehaving("witness"))
    ));
    let said = said(bench.command().args(["--threads", "2"]));
    assert_eq!(said.code, Some(0), "{said:?}");
    let rows = table(&bench.path("out/features.csv"));
    for array in ["image", "morphological_mask", "intensity_mask", "levels"] {
        let [one, other] = ["one", "other"].map(|family| rows[0][&format!("{family}.{array}")].clone());
        assert!(one == other && one.parse::<f64>().is_ok_and(|address| address > 0.0), "{array}: {one}, {other}");
    }
}

#[test]
fn chunks_run_on_the_host_s_threads_with_the_same_bits_at_any_number() {
    let (voxels, family) = (Voxels::new(), witness("threads"));
    let sums = [1, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("host-{i}")).build();
        let seen = pool.expect("a pool").install(|| values(&family, &voxels));
        let [used, of_host, sum] = seen[..] else { panic!("{seen:?}") };
        assert!(used <= threads as f64 && (threads == 1 || used > 1.0), "{used} of {threads} threads");
        if cfg!(target_os = "linux") {
            assert_eq!(of_host, 12.0, "every chunk on a thread of the host");
        }
        sum.to_bits()
    });
    assert_eq!(sums[0], sums[1]);
}
