//! From requests to matrices: what has the same neighbourhood is walked once, and every aggregation is a sum of parts.

use std::{ops::Range, slice};

use super::directions::{self, Vector};
use super::distance::DistanceMap;
use super::neighbourhood::{self, Neighbourhoods};
use super::tally::merge;
use super::volume::Volume;
use super::walk::{self, Directional, walk};
use super::zones::{self, Slab, Zonal};
use super::{Aggregation, Kind, Matrix, MatrixSet, Request, TextureError};
use crate::executor::map;
use crate::{Executor, Serial, View};

/// Region voxels of a slab that is walked along one direction.
const WALK_VOXELS: usize = 1 << 20;
/// Region voxels of a slab whose zones are labelled.
const ZONE_VOXELS: usize = 1 << 18;
/// Region voxels of a slab whose neighbourhoods are counted.
const NEIGHBOUR_VOXELS: usize = 1 << 17;

/// Builds the matrices of all requests, in their order.
///
/// `levels` are grey levels of 1 to `n_levels` inside the intensity region and 0 outside; slices lie along *z*.
/// `mask`, of the same dimensions, is the morphological mask (not 0 = inside), which the distances of a GLDZM are
/// measured in; other kinds do not read it. The space around the array counts as outside. The result does not depend
/// on the executor.
///
/// Zones are 26-connected in space and 8-connected in slices; [`Request::norm`] has no bearing on runs and zones. The
/// neighbours of a GLCM lie *at* the distance, those of an NGTDM or NGLDM *within* it (IBSI 1 manual,
/// arXiv:1612.07003). At a distance δ in the Chebyshev norm are, as is the manual's default, the neighbours at 1 moved out
/// by the factor δ; in another norm every voxel that is farther than δ − 1 and not farther than δ, as the manual's
/// alternative has it. With [`Weighting`](super::Weighting) the voxels of merged matrices are weighted as their cells
/// are, those of a GLCM in relation to the shortest direction; directions that reach across the whole region have no
/// pairs and are not counted.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     texture::{Aggregation, Kind, Request, build},
/// };
///
/// // Two voxels of level 1 and one of level 2: a pair of (1, 1), one of (1, 2); a zone of two voxels, and one of one.
/// let requests = [Request::new(Kind::Glcm, Aggregation::Merged3D), Request::new(Kind::Glszm, Aggregation::Volume3D)];
/// let sets = build(&requests, View::new([3, 1, 1], &[1, 1, 2]), 2, None, &Serial).unwrap();
/// let cells = |at: usize| sets[at].to_cells().1[0].1.clone();
/// assert_eq!(cells(0), [(1, 1, 2.0), (1, 2, 1.0), (2, 1, 1.0)]);
/// assert_eq!(cells(1), [(1, 2, 1.0), (2, 1, 1.0)]);
/// ```
///
/// # Errors
/// Those of [`Request::check`]; a level above `n_levels`; for a GLDZM, no mask, a mask of other dimensions, or a voxel
/// with a level outside the mask.
pub fn build(
    requests: &[Request],
    levels: View<'_, u16>,
    n_levels: u32,
    mask: Option<View<'_, u8>>,
    executor: &dyn Executor,
) -> Result<Vec<MatrixSet>, TextureError> {
    requests.iter().try_for_each(Request::check)?;
    if let Some(mask) = mask.filter(|mask| mask.dims() != levels.dims()) {
        return Err(TextureError::MaskDimensions { levels: levels.dims(), mask: mask.dims() });
    }
    let reach = requests.iter().map(|request| request.distance).max().unwrap_or(1);
    let volume = Volume::new(levels, n_levels, reach)?;
    let plan = Plan::new(requests, &volume);
    let done = plan.run(&volume, mask, executor)?;
    Ok(requests.iter().map(|request| MatrixSet { matrices: done.matrices(&plan, request), levels: n_levels }).collect())
}

/// [`build`] for one request and a region whose masks are one: it is where there is a level, and has as many levels as
/// its greatest.
///
/// ```
/// use voxomics_imaging::{
///     View,
///     texture::{Aggregation, Kind, Request, build_one},
/// };
///
/// // Runs along x, y and all other directions: of two voxels of one level, one direction has a run of two.
/// let request = Request::new(Kind::Glrlm, Aggregation::Merged3D);
/// let set = build_one(&request, View::new([2, 1, 1], &[1, 1])).unwrap();
/// assert_eq!(set.to_cells().1[0].1, [(1, 1, 24.0), (1, 2, 1.0)]);
/// ```
///
/// # Errors
/// Those of [`Request::check`].
pub fn build_one(request: &Request, levels: View<'_, u16>) -> Result<MatrixSet, TextureError> {
    let n_levels = levels.data().iter().copied().max().unwrap_or(0).into();
    let mask: Vec<u8> = levels.data().iter().map(|level| u8::from(*level != 0)).collect();
    let sets = build(slice::from_ref(request), levels, n_levels, Some(View::new(levels.dims(), &mask)), &Serial)?;
    Ok(sets.into_iter().next().unwrap_or_default())
}

/// The walks that the requests need, each once.
#[derive(Default)]
struct Plan {
    directional: Vec<DirectionalJob>,
    zonal: Vec<ZonalJob>,
    neighbourhoods: Vec<NeighbourhoodJob>,
    dims: [usize; 3],
}

struct DirectionalJob {
    planar: bool,
    vectors: Vec<Vector>,
    wanted: walk::Wanted,
}

struct ZonalJob {
    planar: bool,
    distances: bool,
}

struct NeighbourhoodJob {
    planar: bool,
    vectors: Vec<Vector>,
    wanted: neighbourhood::Wanted,
}

/// The directions or neighbours that a request asks for.
pub(super) fn vectors(request: &Request, dims: [usize; 3]) -> Vec<Vector> {
    let planar = request.aggregation.is_planar();
    match request.kind {
        Kind::Glcm => directions::at(request.distance, request.norm, planar, dims),
        Kind::Glrlm => directions::unit(planar),
        Kind::Ngtdm | Kind::Ngldm => directions::neighbours(request.distance, request.norm, planar, dims),
        Kind::Glszm | Kind::Gldzm => Vec::new(),
    }
}

/// The position of the first match; what `new` makes is added if there is none.
fn position_or_add<T>(jobs: &mut Vec<T>, found: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    jobs.iter().position(found).unwrap_or_else(|| {
        jobs.push(new());
        jobs.len() - 1
    })
}

impl Plan {
    fn new(requests: &[Request], volume: &Volume) -> Self {
        let mut plan = Self { dims: volume.dims, ..Self::default() };
        for request in requests {
            plan.add(request);
        }
        plan
    }

    fn add(&mut self, request: &Request) {
        let (planar, vectors) = (request.aggregation.is_planar(), vectors(request, self.dims));
        match request.kind {
            Kind::Glcm | Kind::Glrlm => {
                let jobs = &mut self.directional;
                let wanted = walk::Wanted::default();
                let job = position_or_add(
                    jobs,
                    |job| job.planar == planar && job.vectors == vectors,
                    || DirectionalJob { planar, vectors: vectors.clone(), wanted },
                );
                jobs[job].wanted.pairs |= request.kind == Kind::Glcm;
                jobs[job].wanted.runs |= request.kind == Kind::Glrlm;
            }
            Kind::Glszm | Kind::Gldzm => {
                let jobs = &mut self.zonal;
                let job = position_or_add(jobs, |job| job.planar == planar, || ZonalJob { planar, distances: false });
                jobs[job].distances |= request.kind == Kind::Gldzm;
            }
            Kind::Ngtdm | Kind::Ngldm => {
                let jobs = &mut self.neighbourhoods;
                let wanted = neighbourhood::Wanted::default();
                let job = position_or_add(
                    jobs,
                    |job| job.planar == planar && job.vectors == vectors,
                    || NeighbourhoodJob { planar, vectors: vectors.clone(), wanted },
                );
                let wanted = &mut jobs[job].wanted;
                if request.kind == Kind::Ngtdm {
                    wanted.tones = true;
                } else if !wanted.coarseness.contains(&request.coarseness) {
                    wanted.coarseness.push(request.coarseness);
                }
            }
        }
    }

    /// All chunks of all jobs, the longest first.
    fn tasks(&self, volume: &Volume) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (job, zonal) in self.zonal.iter().enumerate() {
            let parts = parts(volume, zonal.planar, ZONE_VOXELS);
            tasks.extend(parts.into_iter().map(|(unit, slices)| Task { unit, slices, work: Work::Zones { job } }));
        }
        for (job, neighbourhood) in self.neighbourhoods.iter().enumerate() {
            let parts = parts(volume, neighbourhood.planar, NEIGHBOUR_VOXELS);
            tasks.extend(parts.into_iter().map(|(unit, slices)| Task { unit, slices, work: Work::Neighbours { job } }));
        }
        for (job, directional) in self.directional.iter().enumerate() {
            for (unit, slices) in parts(volume, directional.planar, WALK_VOXELS) {
                // A slice is short work: its directions stay together.
                let together = if directional.planar { directional.vectors.len() } else { 1 };
                for first in (0..directional.vectors.len()).step_by(together.max(1)) {
                    let work = Work::Walk { job, directions: first..first + together };
                    tasks.push(Task { unit, slices: slices.clone(), work });
                }
            }
        }
        tasks
    }

    fn run(&self, volume: &Volume, mask: Option<View<'_, u8>>, executor: &dyn Executor) -> Result<Done, TextureError> {
        let maps = self
            .zonal
            .iter()
            .map(|job| match mask {
                _ if !job.distances => Ok(None),
                Some(mask) => Ok(Some(DistanceMap::new(mask, job.planar, executor))),
                None => Err(TextureError::MaskMissing),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let tasks = self.tasks(volume);
        let outputs = map(executor, tasks.len(), &|i| {
            let slices = tasks[i].slices.clone();
            match &tasks[i].work {
                Work::Zones { job } => Output::Zones(zones::label(volume, slices, maps[*job].as_ref())),
                Work::Neighbours { job } => {
                    let job = &self.neighbourhoods[*job];
                    Output::Neighbours(neighbourhood::count(volume, slices, &job.vectors, &job.wanted))
                }
                Work::Walk { job, directions } => {
                    let job = &self.directional[*job];
                    let vectors = &job.vectors[directions.clone()];
                    Output::Walk(vectors.iter().map(|v| walk(volume, slices.clone(), *v, job.wanted)).collect())
                }
            }
        });
        drop(maps);
        let done = Done::gather(self, volume, &tasks, outputs, executor);
        let outside = |(job, units): (&ZonalJob, &Vec<Zonal>)| job.distances && units.iter().any(|unit| unit.outside);
        if self.zonal.iter().zip(&done.zonal).any(outside) {
            return Err(TextureError::OutsideMask);
        }
        Ok(done)
    }
}

/// A chunk of a job: some slices of a unit, which is a slice or the volume.
struct Task {
    unit: usize,
    slices: Range<usize>,
    work: Work,
}

enum Work {
    Zones { job: usize },
    Neighbours { job: usize },
    Walk { job: usize, directions: Range<usize> },
}

enum Output {
    Zones(Slab),
    Neighbours(Neighbourhoods),
    Walk(Vec<Directional>),
}

/// The slices, or the slabs of the volume, with the number of the unit that they belong to.
fn parts(volume: &Volume, planar: bool, target: usize) -> Vec<(usize, Range<usize>)> {
    if planar {
        let filled = (0..volume.dims[2]).filter(|z| volume.voxels[*z] != 0);
        filled.enumerate().map(|(unit, z)| (unit, z..z + 1)).collect()
    } else {
        volume.slabs(target).into_iter().map(|slices| (0, slices)).collect()
    }
}

/// What the jobs gave: for each job, for each slice or for the volume.
struct Done {
    directional: Vec<Vec<Vec<Directional>>>,
    zonal: Vec<Vec<Zonal>>,
    neighbourhoods: Vec<Vec<Neighbourhoods>>,
}

impl Done {
    /// Joins the chunks of each unit in their order.
    fn gather(plan: &Plan, volume: &Volume, tasks: &[Task], outputs: Vec<Output>, executor: &dyn Executor) -> Self {
        let mut slabs: Vec<Vec<Vec<Slab>>> = plan.zonal.iter().map(|_| Vec::new()).collect();
        let mut counted: Vec<Vec<Vec<Neighbourhoods>>> = plan.neighbourhoods.iter().map(|_| Vec::new()).collect();
        let mut walked: Vec<Vec<Vec<Vec<Directional>>>> = plan.directional.iter().map(|_| Vec::new()).collect();
        for (task, output) in tasks.iter().zip(outputs) {
            match (&task.work, output) {
                (Work::Zones { job }, Output::Zones(slab)) => entry(&mut slabs[*job], task.unit).push(slab),
                (Work::Neighbours { job }, Output::Neighbours(part)) => entry(&mut counted[*job], task.unit).push(part),
                (Work::Walk { job, directions }, Output::Walk(parts)) => {
                    let unit = entry(&mut walked[*job], task.unit);
                    for (direction, part) in directions.clone().zip(parts) {
                        entry(unit, direction).push(part);
                    }
                }
                _ => unreachable!("a task has the output of its own kind"),
            }
        }
        Self {
            directional: walked.into_iter().map(|units| units.into_iter().map(join_directions).collect()).collect(),
            zonal: slabs
                .iter()
                .map(|units| map(executor, units.len(), &|unit| zones::count(volume, &units[unit])))
                .collect(),
            neighbourhoods: counted
                .into_iter()
                .map(|units| units.into_iter().map(join_neighbourhoods).collect())
                .collect(),
        }
    }

    fn matrices(&self, plan: &Plan, request: &Request) -> Vec<Matrix> {
        let planar = request.aggregation.is_planar();
        let vectors = vectors(request, plan.dims);
        let mut matrices = match request.kind {
            Kind::Glcm | Kind::Glrlm => {
                let same = |job: &DirectionalJob| job.planar == planar && job.vectors == vectors;
                let units = plan.directional.iter().position(same).map_or(&[][..], |job| &self.directional[job]);
                directional(units, &vectors, request)
            }
            Kind::Glszm | Kind::Gldzm => {
                let job = plan.zonal.iter().position(|job| job.planar == planar);
                let units = job.map_or(&[][..], |job| &self.zonal[job]);
                let of = |unit: &Zonal| {
                    if request.kind == Kind::Glszm { unit.sizes.clone() } else { unit.distances.clone() }
                };
                let matrices: Vec<Matrix> = units.iter().map(of).collect();
                if request.aggregation == Aggregation::PerSlice2_5D { vec![merge_all(&matrices)] } else { matrices }
            }
            Kind::Ngtdm | Kind::Ngldm => {
                let same = |job: &NeighbourhoodJob| job.planar == planar && job.vectors == vectors;
                let Some(job) = plan.neighbourhoods.iter().position(same) else { return Vec::new() };
                neighbourhoods(&self.neighbourhoods[job], &plan.neighbourhoods[job].wanted, request)
            }
        };
        matrices.retain(|matrix| !matrix.cells.is_empty());
        matrices
    }
}

/// The element at an index; the list grows as needed.
fn entry<T: Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if list.len() <= index {
        list.resize_with(index + 1, T::default);
    }
    &mut list[index]
}

fn merge_all(matrices: &[Matrix]) -> Matrix {
    merge(&matrices.iter().map(|matrix| (matrix, 1.0)).collect::<Vec<_>>())
}

/// For each direction the slabs of a unit become one.
fn join_directions(directions: Vec<Vec<Directional>>) -> Vec<Directional> {
    let join = |mut slabs: Vec<Directional>| match slabs.len() {
        1 => slabs.remove(0),
        _ => {
            let (pairs, runs): (Vec<_>, Vec<_>) = slabs.into_iter().map(|slab| (slab.pairs, slab.runs)).unzip();
            Directional { pairs: merge_all(&pairs), runs: merge_all(&runs) }
        }
    };
    directions.into_iter().map(join).collect()
}

fn join_neighbourhoods(mut slabs: Vec<Neighbourhoods>) -> Neighbourhoods {
    if slabs.len() == 1 { slabs.remove(0) } else { Neighbourhoods::merged(&slabs.iter().collect::<Vec<_>>()) }
}

/// The matrices of a GLCM or GLRLM from those of each slice (or the volume) and direction.
fn directional(units: &[Vec<Directional>], vectors: &[Vector], request: &Request) -> Vec<Matrix> {
    let pick = pick(request.kind);
    let weights = directions::weights(vectors, request.kind, request.weighting);
    let merged_slice =
        |unit: &'_ Vec<Directional>| merge(&unit.iter().map(pick).zip(weights.iter().copied()).collect::<Vec<_>>());
    match request.aggregation {
        Aggregation::SliceMerged2D => units.iter().map(merged_slice).collect(),
        Aggregation::DirectionMerged2_5D => (0..vectors.len())
            .map(|direction| merge(&units.iter().map(|unit| (pick(&unit[direction]), 1.0)).collect::<Vec<_>>()))
            .collect(),
        Aggregation::Merged2_5D | Aggregation::Merged3D => {
            let parts = units.iter().flat_map(|unit| unit.iter().map(pick).zip(weights.iter().copied()));
            vec![merge(&parts.collect::<Vec<_>>())]
        }
        _ => units.iter().flatten().map(|part| pick(part).clone()).collect(),
    }
}

fn pick(kind: Kind) -> fn(&Directional) -> &Matrix {
    if kind == Kind::Glcm { |part| &part.pairs } else { |part| &part.runs }
}

/// The matrices of an NGTDM or NGLDM from those of each slice or of the volume.
fn neighbourhoods(units: &[Neighbourhoods], wanted: &neighbourhood::Wanted, request: &Request) -> Vec<Matrix> {
    let merged;
    let units = if request.aggregation == Aggregation::PerSlice2_5D {
        merged = [Neighbourhoods::merged(&units.iter().collect::<Vec<_>>())];
        &merged
    } else {
        units
    };
    if request.kind == Kind::Ngtdm {
        return units.iter().map(Neighbourhoods::tones).collect();
    }
    let coarseness = wanted.coarseness.iter().position(|coarseness| *coarseness == request.coarseness);
    units.iter().filter_map(|unit| coarseness.and_then(|i| unit.dependences.get(i)).cloned()).collect()
}
