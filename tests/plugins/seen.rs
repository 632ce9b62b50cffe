//! What a sound plugin sees: the host's own memory, and the host's own threads.

use voxomics_engine::{
    describe::Kind,
    experiment::{Diagnostics, PluginSettings},
    host::{
        self, CaseHost, FamilyInstance, LoadOptions, LoaderInstance, PluginLibrary, Plugins, RegionInput, Registered,
        Services, Wanted,
    },
};
use voxomics_imaging::{Grid, IndexBox};
use voxomics_interface::selection::Selection;
use voxomics_tests::table;

use crate::bench::{Bench, in_process, misbehaving, said};

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
            unit: "HU",
            regions: &[],
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

/// The loader of `witness`, configured in this process.
fn loader() -> LoaderInstance {
    let library = PluginLibrary::load(&misbehaving("witness"), None).expect("a plugin");
    let plugin = library.description.plugins.iter().find(|plugin| plugin.kind == Kind::Load).expect("a loader");
    let diagnostics = Diagnostics::default();
    let of = Registered { plugin, library: &library };
    host::loader(of, &PluginSettings::empty("load"), &diagnostics).unwrap_or_else(|| panic!("{}", diagnostics.render()))
}

/// Voxels of each type as bytes, and their intensities.
fn stored() -> Vec<(&'static str, Vec<u8>, Vec<f64>)> {
    macro_rules! of {
        ($($T:ty: $values:expr),* $(,)?) => {
            vec![$((stringify!($T), $values.iter().flat_map(|x: &$T| x.to_ne_bytes()).collect(),
                $values.iter().map(|x: &$T| *x as f64).collect())),*]
        };
    }
    of! {
        u8: [0, 7, u8::MAX], i8: [i8::MIN, -1, i8::MAX], u16: [0, 300, u16::MAX], i16: [i16::MIN, -1024, i16::MAX],
        u32: [0, 70_000, u32::MAX], i32: [i32::MIN, -70_000, i32::MAX], u64: [0, 1, 1 << 52], i64: [-(1 << 52), -1, 3],
        f32: [f32::MIN_POSITIVE / 2.0, -0.1, f32::MAX], f64: [f64::MIN_POSITIVE / 2.0, 0.1 + 0.2, f64::MAX],
    }
}

#[test]
fn voxels_of_every_type_cross_as_they_are_and_where_they_are() {
    let (bench, loader) = (Bench::new(""), loader());
    let files = stored();
    let paths = files.iter().map(|(name, bytes, _)| bench.write(&format!("scans/{name}.witness"), bytes));
    let paths: Vec<_> = paths.collect();
    let mut names: Vec<String> = files.iter().map(|(name, ..)| format!("{name}.witness")).collect();
    names.sort();
    for ((name, bytes, intensities), path) in files.iter().zip(&paths) {
        let host = CaseHost::new(&Services::default(), "case");
        assert!(loader.recognises(path, bytes).expect("an answer"));
        let selection = Selection::default();
        let options = LoadOptions { wanted: Wanted::Image, selection: &selection, max_bytes: 1 << 20 };
        let loaded = loader.load(path, options, &host).expect("a scan");
        let scan = &loaded.images[0];
        assert_eq!(scan.bytes(), bytes, "{name}");
        let crop = scan.crop(IndexBox::whole(scan.grid.dims));
        assert_eq!(
            crop.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
            intensities.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        );
        assert_eq!(loaded.metadata["address"], scan.bytes().as_ptr().addr(), "{name}: the loader's own memory");
        assert_eq!(loaded.metadata["names"], serde_json::json!(names), "what the host lists");
        assert_eq!(host.progress(), 0.75, "told through an extension of the host");
    }
    let nothing = bench.path("scans/nothing/u8.witness");
    let selection = Selection::default();
    let options = LoadOptions { wanted: Wanted::Image, selection: &selection, max_bytes: 1 << 20 };
    let error = loader.load(&nothing, options, &CaseHost::new(&Services::default(), "")).expect_err("no file");
    assert!(error.message.contains("u8.witness cannot be read"), "{error}");
}

/// What a family is shown is larger than the memory that its worker may have of its own. By hand, with `VOXOMICS_LARGE=1`, it is as
/// large as a scan of 512 × 512 × 400.
#[test]
#[cfg(target_os = "linux")]
fn a_volume_crosses_to_a_worker_without_a_copy() {
    let slices = if std::env::var_os("VOXOMICS_LARGE").is_some() { 400 } else { 60 };
    let grid = Grid::axis_aligned([512, 512, slices], [1.0; 3]);
    let count = 512 * 512 * slices;
    let (image, mask, levels) = (vec![0.5; count], vec![1; count], vec![3; count]);
    let bytes = count as u64 * 8;
    host::set_home(voxomics_tests::built()).expect("the program's folder");
    let limits = host::CallLimits { memory_bytes: bytes * 3 / 4, ..Default::default() };
    let terms = host::Terms { isolate: Some(limits), ..Default::default() };
    let mut plugins = Plugins::default();
    plugins.add(PluginLibrary::load_under(&misbehaving("witness"), &terms).expect("a plugin")).expect("the only one");
    let of = plugins.find(Kind::Features, "addresses").expect("it is described");
    let made = host::family(of, &PluginSettings::empty("addresses"), &Diagnostics::default()).expect("its needs");
    let family = made.expect("no settings");
    let region = RegionInput {
        grid: &grid,
        image: &image,
        morphological_mask: &mask,
        intensity_mask: &mask,
        levels: &levels,
        level_count: 3,
        unit: "HU",
        regions: &[],
    };
    let host = CaseHost::new(&Services::default(), "case");
    let start = std::time::Instant::now();
    let first = family.compute(region, &[], &host).expect("features");
    let (crossed, start) = (start.elapsed(), std::time::Instant::now());
    let again = family.compute(region, &[], &host).expect("features");
    println!("{bytes} bytes of image: {crossed:?}, and {:?} the second time", start.elapsed());
    assert_eq!(first.len(), again.len());
}

#[test]
fn families_of_one_region_see_one_array() {
    let bench = Bench::new(&format!(
        "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti']\n{}[regions.tumour]\nlabel = 1\n\
         [discretisation]\nmethod = 'fixed bin number'\nbins = 8\n\
         [features.one]\nfamily = 'addresses'\n[features.other]\nfamily = 'addresses'\n",
        in_process(&misbehaving("witness"))
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

#[test]
fn a_run_that_is_given_up_leaves_chunks_out_and_ends_the_call() {
    let services = Services::default();
    services.cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
    let (voxels, host) = (Voxels::new(), CaseHost::new(&services, "case"));
    let error = witness("threads").compute(voxels.input(), &[], &host).expect_err("given up");
    assert!(error.cancelled, "{error}");
}
