//! Maps of regions that are larger than a slab: the same bits, bounded memory, and a run that can be given up within.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use voxomics_tests::{
    Said,
    batch::Batch,
    nifti::{Nifti, straight},
    table, voxomics,
};

/// More than a slab of 2²¹ voxels.
const DIMS: [usize; 3] = [200, 180, 72];

fn intensity([x, y, z]: [usize; 3]) -> u8 {
    ((x * 31 + y * 57 + z * 97 + x * y % 41 + y * z % 29) % 251) as u8
}

/// Small groups of voxels in all of the box: its maps take little time, and its box is large.
fn scattered([x, y, z]: [usize; 3]) -> bool {
    (x / 2 * 7 + y / 2 * 13 + z / 2 * 29).is_multiple_of(1009)
}

fn batch(dims: [usize; 3], experiment: &str, inside: impl Fn([usize; 3]) -> bool) -> Batch {
    let batch = Batch::new(experiment, "case,image,mask\nk,image.nii,mask.nii\n");
    let scan = Nifti::new(dims, straight([1.0; 3], [0.0; 3]), intensity);
    batch.scan("image.nii", &scan);
    batch.scan("mask.nii", &scan.map(|at| u8::from(inside(at))));
    batch
}

/// A run that writes masks holds all intensities of the box in double precision, and one of maps alone makes them slab by slab.
#[test]
fn slabs_have_the_bits_of_the_whole_box() {
    let head = "[plugins]\nuse = [\"load-nifti\", \"features-statistics\", \"features-glcm\", \"filter-mean\"]\n[regions.tumour]\n";
    let maps = "[maps.local]\nfamily = \"statistics\"\nonly = [\"mean\", \"variance\"]\nbeyond_region = true\n\
                [maps.texture]\nfamily = \"glcm\"\nonly = [\"joint_entropy\"]\nradius = [1, 2, 1]\nformat = \"nii.gz\"\n\
                [maps.of-map]\nfamily = \"glcm\"\nof = \"local.mean\"\nonly = [\"contrast\"]\nfill = 0\n";
    let size = "[discretisation]\nmethod = \"fixed bin size\"\nwidth = 20\n";
    let number = "[discretisation]\nmethod = \"fixed bin number\"\nbins = 16\n";
    let cubic = "[interpolation]\nspacing_mm = [0, 0, 0.8]\nimage = \"cubic\"\nmask = \"nearest\"\n";
    let limits = "[resegmentation]\nrange = [20, 240]\nof_maximum = [0.2, inf]\n";
    let filtered = "[images.original]\n[images.mean]\nfilter = \"mean\"\nsupport_voxels = 3\n\
                    [maps.of-filter]\nfamily = \"statistics\"\nof = \"mean\"\nonly = [\"mean\"]\n";
    for (name, rest) in [("plain", [size, limits]), ("interpolated", [number, cubic]), ("filtered", [size, filtered])] {
        let batch = batch(DIMS, &format!("{head}{}{}{maps}", rest[0], rest[1]), scattered);
        let [slabs, whole] = [("slabs", &[][..]), ("whole", &["--write", "masks"][..])]
            .map(|(out, more)| batch.run_into(out, more).well().out);
        let mut compared = 0;
        for entry in fs::read_dir(slabs.join("written/k")).expect("a folder") {
            let file = entry.expect("an entry").file_name();
            let [a, b] = [&slabs, &whole].map(|out| fs::read(out.join("written/k").join(&file)).expect("a file"));
            assert!(a.len() > 2_000 && a == b, "{name}: {}", file.display());
            compared += 1;
        }
        assert_eq!(compared, if name == "filtered" { 5 } else { 4 }, "{name}");
    }
}

/// The most memory that a run takes, in bytes.
#[cfg(target_os = "linux")]
#[expect(clippy::zombie_processes, reason = "wait4 waits for it, and tells what it took")]
fn peak(batch: &Batch) -> f64 {
    let [experiment, cases, out] =
        ["experiment.toml", "cases.csv", "out"].map(|name| batch.path(name).display().to_string());
    let arguments = ["run", &experiment, "--cases", &cases, "--out", &out, "--threads", "1", "--quiet"];
    let child = voxomics().args(arguments).stdout(Stdio::null()).spawn().expect("it runs");
    // SAFETY: plain numbers, which a call fills that is given valid places for them; the child is waited for nowhere else.
    let (status, used) = unsafe {
        let (mut status, mut used) = (0, std::mem::zeroed::<libc::rusage>());
        let waited = libc::wait4(i32::try_from(child.id()).expect("a number"), &raw mut status, 0, &raw mut used);
        assert_eq!(waited, i32::try_from(child.id()).expect("a number"));
        (status, used)
    };
    assert_eq!(status, 0);
    used.ru_maxrss as f64 * 1024.0
}

/// Bytes for each voxel of a box whose region has few voxels: the scan, its mask and what is made of them. The most are there while components
/// are counted; intensities in double precision beside levels and masks would be more.
#[test]
#[cfg(target_os = "linux")]
fn a_box_takes_few_bytes_a_voxel() {
    let experiment = "[plugins]\nuse = [\"load-nifti\", \"features-glcm\"]\n[regions.organ]\n[discretisation]\n\
                      method = \"fixed bin size\"\nwidth = 20\nminimum = 0\n[maps.local]\nfamily = \"glcm\"\n\
                      only = [\"joint_entropy\", \"contrast\"]\n";
    let of = |slices: usize| peak(&batch([256, 256, slices], experiment, scattered));
    let (few, many) = (of(64), of(192));
    let bytes = (many - few) / (256.0 * 256.0 * 128.0);
    println!("{bytes:.2} bytes a voxel, {:.0} MB of 64 slices", few / 1e6);
    assert!(bytes < 15.0, "{bytes}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_is_given_up_within_a_case_and_keeps_what_is_finished() {
    let experiment = "[plugins]\nuse = [\"load-nifti\", \"features-statistics\", \"features-glcm\"]\n[regions.organ]\n\
                      [features.statistics]\nonly = [\"mean\"]\n[discretisation]\nmethod = \"fixed bin size\"\nwidth = 2\n\
                      minimum = 0\n[maps.local]\nfamily = \"glcm\"\nonly = [\"joint_entropy\"]\n";
    let batch = batch([200, 120, 120], experiment, |_| true);
    let scan = Nifti::new([6, 5, 4], straight([1.0; 3], [0.0; 3]), intensity);
    batch.scan("small.nii", &scan);
    batch.scan("small-mask.nii", &scan.map(|_| 1_u8));
    batch.write("cases.csv", "case,image,mask\nsmall,small.nii,small-mask.nii\nlarge,image.nii,mask.nii\n");
    let mut command: Command = voxomics();
    let [experiment, cases, out] =
        ["experiment.toml", "cases.csv", "out"].map(|name| batch.path(name).display().to_string());
    command.args(["run", &experiment, "--cases", &cases, "--out", &out, "--threads", "1", "--verbose"]);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut told = BufReader::new(running.stderr.take().expect("its words")).lines();
    let part = told.by_ref().map(|line| line.expect("a line")).find(|line| line.starts_with("large: map local, "));
    let part = part.expect("it says how far it has come");
    let parts: Vec<usize> = part.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(matches!(parts[..], [done, of] if 0 < done && done < of / 2), "{part}");
    let asked = Instant::now();
    // SAFETY: a call without pointers, to a child that has not been waited for.
    assert_eq!(unsafe { libc::kill(i32::try_from(running.id()).expect("a number"), libc::SIGINT) }, 0);
    let rest: Vec<String> = told.map_while(Result::ok).collect();
    let ended: Said = running.wait_with_output().expect("a process").into();
    let took = asked.elapsed();
    assert_eq!(ended.code, Some(130), "{ended:?} {rest:?}");
    // On a machine that does much else; the whole map takes half a minute.
    assert!(took < Duration::from_secs(10), "{took:?}");
    println!("given up after {took:?} at {part}");
    let rows = table(&batch.path("out/features.csv"));
    assert_eq!(rows.iter().map(|row| row["case"].as_str()).collect::<Vec<_>>(), ["small"]);
    assert!(batch.path("out/written/small/local.joint_entropy.nrrd").exists());
    assert!(!batch.path("out/written/large").exists(), "what is not whole is not there");
}
