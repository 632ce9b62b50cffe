//! Sound plugins that report what they see of the host: where its arrays lie, on which threads chunks run, and what it opens.

use std::{
    io::Read as _,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use voxomics_sdk::{Grid, Loaded, VoxelType, prelude::*};

/// The family `addresses`.
struct Addresses;

impl FeatureFamily for Addresses {
    fn describe() -> Description {
        let address = |id: &str| Feature::new(id, id).unit("byte").equation("address of the first element");
        Description::new("addresses", "Where the host's arrays lie")
            .features(["image", "morphological_mask", "intensity_mask", "levels"].map(address))
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        Needs { levels: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        // Addresses have fewer than 53 bits: exact.
        values.ok("image", region.image().voxels().as_ptr().addr() as f64);
        values.ok("morphological_mask", region.morphological_mask().as_ptr().addr() as f64);
        values.ok("intensity_mask", region.intensity_mask().as_ptr().addr() as f64);
        values.ok("levels", region.levels().as_ptr().addr() as f64);
        Ok(values)
    }
}

const CHUNKS: usize = 12;

/// The family `threads`.
struct Threads;

impl FeatureFamily for Threads {
    fn describe() -> Description {
        Description::new("threads", "On which threads chunks run").features([
            Feature::new("threads", "Threads").equation("number of threads that ran a chunk"),
            Feature::new("of_host", "Chunks on the host's threads").equation("chunks on threads named `host…`"),
            Feature::new("sum", "Sum")
                .equation("sum over chunks, in their order, of a sum that rounding makes order-dependent"),
        ])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let voxels = region.image().voxels();
        let seen = Mutex::new(Vec::new());
        let of_host = AtomicU64::new(0);
        let parts: Vec<AtomicU64> = (0..CHUNKS).map(|_| AtomicU64::new(0)).collect();
        context.for_each(CHUNKS, |chunk| {
            // Long enough that threads without work come and take some.
            std::thread::sleep(std::time::Duration::from_millis(5));
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let thread = std::thread::current().id();
            if !seen.contains(&thread) {
                seen.push(thread);
            }
            of_host.fetch_add(u64::from(thread_name().starts_with("host")), Ordering::Relaxed);
            let part = voxels.iter().map(|x| (x + chunk as f64).sin() / 3.0).sum::<f64>();
            parts[chunk].store(part.to_bits(), Ordering::Relaxed);
        });
        let mut values = Values::new();
        values.ok("threads", seen.into_inner().unwrap_or_else(PoisonError::into_inner).len() as f64);
        values.ok("of_host", of_host.into_inner() as f64);
        values.ok("sum", parts.into_iter().map(|part| f64::from_bits(part.into_inner())).sum());
        Ok(values)
    }
}

/// The name that the operating system knows the thread by: the standard library of a plugin knows none for the threads
/// of another one.
fn thread_name() -> String {
    std::fs::read_to_string("/proc/thread-self/comm").unwrap_or_default()
}

/// The loader `witness`: a file of voxels, all bytes of it, of the type that its name begins with; read through the host alone.
struct Witness;

impl Loader for Witness {
    fn describe() -> Description {
        Description::new("witness", "Reads through the host alone").formats(&["witness"])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn recognises(&self, path: &Path, _: &[u8]) -> bool {
        path.extension().is_some_and(|end| end == "witness")
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let types = [
            VoxelType::U8,
            VoxelType::I8,
            VoxelType::U16,
            VoxelType::I16,
            VoxelType::U32,
            VoxelType::I32,
            VoxelType::U64,
            VoxelType::I64,
            VoxelType::F32,
            VoxelType::F64,
        ];
        let stem = request.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let voxel_type = types.into_iter().find(|voxel_type| voxel_type.name() == stem);
        let voxel_type = voxel_type.ok_or_else(|| Error::input(format!("`{stem}` is no type of voxels")))?;
        let mut voxels = Vec::new();
        let mut file = context.open(&request.path)?;
        file.read_to_end(&mut voxels).map_err(|cause| Error::input(cause.to_string()))?;
        let dims = [voxels.len() as u64 / voxel_type.size() as u64, 1, 1];
        let grid = Grid {
            dims,
            spacing: [1.0; 3],
            origin: [0.0; 3],
            direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        let folder = request.path.parent().unwrap_or(Path::new(""));
        let names: Vec<String> =
            context.list(folder)?.into_iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let address = voxels.as_ptr().addr();
        let mut loaded = Loaded::one(request.role, Scan::new(grid, voxel_type, voxels), Vec::new());
        loaded.metadata.insert("address".into(), address.into());
        loaded.metadata.insert("names".into(), names.into());
        context.progress(0.75);
        Ok(loaded)
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests", loaders: [Witness], families: [Addresses, Threads] }
