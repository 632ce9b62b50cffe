//! From a planned series to voxels in memory.

use std::sync::{Mutex, PoisonError};

use dicom_dictionary_std::tags;
use voxomics_imaging::executor;
use voxomics_reading as reading;
use voxomics_sdk::{Context, Grid, Scaling, Scan, VoxelType};

use crate::covered;
use crate::error::{Fault, ReadError};
use crate::object::Object;
use crate::pixels::padding;
use crate::volumes::Planned;

/// Reads the voxels of a series, in their stored type and once; each frame is decoded into its place.
///
/// # Errors
/// If they are more than `max_bytes`, or if a file is damaged.
pub fn read(plan: &mut Planned<'_>, max_bytes: u64, context: &Context) -> Result<Scan, ReadError> {
    let first = plan.objects[0];
    let format = plan.layouts[0].format;
    let voxel_type =
        format.voxel_type().ok_or_else(|| first.root().unsupported(tags::BITS_ALLOCATED, "1", "8, 16 or 32"))?;
    let [rows, columns] = format.size;
    let dims = [columns, rows, plan.frames.len()];
    let bytes = reading::voxel_bytes(dims, voxel_type.size(), max_bytes).map_err(ReadError::at(first.path()))?;
    let mut voxels = zeros(bytes).map_err(ReadError::at::<reading::Fault>(first.path()))?;
    let stray = fill(plan, &mut voxels, format.frame_bytes(), context)?;
    if stray > 0 {
        let message = format!("{stray} frames have bits set above BitsStored, which do not count and are left out");
        plan.warnings.push(message);
    }
    tell_padding(plan, &voxels, voxel_type)?;
    covered::check(plan, &voxels, voxel_type)?;
    let mut scaling: Vec<Scaling> = plan.frames.iter().map(|frame| frame.scaling).collect();
    if scaling.windows(2).all(|pair| pair[0] == pair[1]) {
        scaling.truncate(1);
    }
    let reading::geometry::Placement { spacing, origin, direction } = plan.stack.placement.clone();
    let grid = Grid { dims: dims.map(|n| n as u64), spacing, origin, direction };
    Ok(Scan { name: String::new(), grid, voxel_type, voxels, scaling })
}

/// Memory that the system hands out cleared, or says that it has not.
fn zeros(bytes: usize) -> Result<Vec<u8>, reading::Fault> {
    let mut probe: Vec<u8> = Vec::new();
    probe.try_reserve_exact(bytes).map_err(|_| reading::Fault::OutOfMemory { promised: bytes as u64 })?;
    drop(probe);
    Ok(vec![0; bytes])
}

/// Reads every frame into its slice; returns how many had stray bits.
fn fill(plan: &Planned<'_>, voxels: &mut [u8], frame_bytes: usize, context: &Context) -> Result<usize, ReadError> {
    let slots: Vec<Mutex<&mut [u8]>> = voxels.chunks_exact_mut(frame_bytes).map(Mutex::new).collect();
    let (wholes, singles): (Vec<usize>, Vec<usize>) = (0..plan.frames.len()).partition(|slot| {
        let object = plan.frames[*slot].object;
        plan.layouts[object].is_whole(plan.objects[object])
    });
    // Slots of an object that has to be read as a whole, by object.
    let mut objects: Vec<(usize, Vec<usize>)> = Vec::new();
    for slot in wholes {
        let object = plan.frames[slot].object;
        match objects.iter_mut().find(|(known, _)| *known == object) {
            Some((_, slots)) => slots.push(slot),
            None => objects.push((object, vec![slot])),
        }
    }
    let jobs = singles.len() + objects.len();
    let outcomes = executor::map(&context.threads(), jobs, &|job| -> Result<usize, ReadError> {
        context.check_cancelled().map_err(|error| ReadError::new(plan.objects[0].path(), Fault::Cancelled(error)))?;
        let Some(slot) = singles.get(job) else {
            let (object, of_object) = &objects[job - singles.len()];
            return whole(plan, *object, of_object, &slots);
        };
        let frame = &plan.frames[*slot];
        let mut place = slots[*slot].lock().unwrap_or_else(PoisonError::into_inner);
        plan.layouts[frame.object].read(plan.objects[frame.object], frame.index, &mut place).map(usize::from)
    });
    outcomes.into_iter().sum()
}

fn whole(plan: &Planned<'_>, object: usize, slots: &[usize], all: &[Mutex<&mut [u8]>]) -> Result<usize, ReadError> {
    let stray = plan.layouts[object].read_whole(plan.objects[object], &mut |index, frame| {
        if let Some(slot) = slots.iter().find(|slot| plan.frames[**slot].index == index) {
            all[*slot].lock().unwrap_or_else(PoisonError::into_inner).copy_from_slice(frame);
        }
    })?;
    Ok(usize::from(stray))
}

/// Says how many voxels carry the value that stands for "no measurement": a warning if intensities inside the range of the
/// others are concerned, as then no range of intensities keeps them out of a region.
fn tell_padding(plan: &mut Planned<'_>, voxels: &[u8], voxel_type: VoxelType) -> Result<(), ReadError> {
    let range = |object: &Object, index: usize| padding(object.root(), &plan.layouts[index].format);
    let ranges =
        (plan.objects.iter().enumerate()).map(|(index, object)| range(object, index)).collect::<Result<Vec<_>, _>>()?;
    if ranges.iter().all(Option::is_none) {
        return Ok(());
    }
    let mut tally = Tally::default();
    for (frame, slice) in plan.frames.iter().zip(voxels.chunks_exact(plan.layouts[0].format.frame_bytes())) {
        let Some([low, high]) = ranges[frame.object] else { continue };
        match voxel_type {
            VoxelType::U8 => tally.add(slice, |bytes| i64::from(u8::from_ne_bytes(bytes)), low, high),
            VoxelType::I8 => tally.add(slice, |bytes| i64::from(i8::from_ne_bytes(bytes)), low, high),
            VoxelType::U16 => tally.add(slice, |bytes| i64::from(u16::from_ne_bytes(bytes)), low, high),
            VoxelType::I16 => tally.add(slice, |bytes| i64::from(i16::from_ne_bytes(bytes)), low, high),
            VoxelType::U32 => tally.add(slice, |bytes| i64::from(u32::from_ne_bytes(bytes)), low, high),
            VoxelType::I32 => tally.add(slice, |bytes| i64::from(i32::from_ne_bytes(bytes)), low, high),
            VoxelType::U64 | VoxelType::I64 | VoxelType::F32 | VoxelType::F64 => {}
        }
    }
    let Some([low, high]) = tally.padding else { return Ok(()) };
    let count = tally.count;
    let value = if low == high { low.to_string() } else { format!("{low} to {high}") };
    let inside = tally.others.is_some_and(|[least, most]| high > least && low < most);
    let message = format!("{count} voxels carry the stored value {value}, which is padding (PixelPaddingValue)");
    match inside {
        true => plan.warnings.push(format!("{message}, inside the range of the others: keep them out of the regions")),
        false => plan.notes.push(format!("{message}, outside of the range of the others")),
    }
    Ok(())
}

/// The largest intensity of a scan; none if it is empty, or of a type that DICOM does not have.
pub fn largest(scan: &Scan) -> Option<f64> {
    let slices = scan.grid.dims[2].max(1) as usize;
    let bytes = scan.voxels.len() / slices;
    let mut largest: Option<f64> = None;
    for (index, slice) in scan.voxels.chunks_exact(bytes.max(1)).enumerate() {
        let scaling = scan.scaling.get(index).or(scan.scaling.first())?;
        let range = match scan.voxel_type {
            VoxelType::U8 => range(slice, |bytes| i64::from(u8::from_ne_bytes(bytes))),
            VoxelType::I8 => range(slice, |bytes| i64::from(i8::from_ne_bytes(bytes))),
            VoxelType::U16 => range(slice, |bytes| i64::from(u16::from_ne_bytes(bytes))),
            VoxelType::I16 => range(slice, |bytes| i64::from(i16::from_ne_bytes(bytes))),
            VoxelType::U32 => range(slice, |bytes| i64::from(u32::from_ne_bytes(bytes))),
            VoxelType::I32 => range(slice, |bytes| i64::from(i32::from_ne_bytes(bytes))),
            VoxelType::U64 | VoxelType::I64 | VoxelType::F32 | VoxelType::F64 => return None,
        };
        let ends = range.map(|[low, high]| [low, high].map(|end| scaling.slope * end as f64 + scaling.intercept));
        largest = ends.into_iter().flatten().chain(largest).reduce(f64::max);
    }
    largest
}

fn range<const N: usize>(slice: &[u8], value: impl Fn([u8; N]) -> i64) -> Option<[i64; 2]> {
    let values = || slice.as_chunks::<N>().0.iter().map(|bytes| value(*bytes));
    Some([values().min()?, values().max()?])
}

/// Voxels of padding, and the range of the others.
#[derive(Default)]
struct Tally {
    count: u64,
    padding: Option<[i64; 2]>,
    others: Option<[i64; 2]>,
}

impl Tally {
    fn add<const N: usize>(&mut self, slice: &[u8], value: impl Fn([u8; N]) -> i64, low: i64, high: i64) {
        let (mut count, mut least, mut most) = (0, i64::MAX, i64::MIN);
        for bytes in slice.as_chunks::<N>().0 {
            let value = value(*bytes);
            let is_padding = value >= low && value <= high;
            count += u64::from(is_padding);
            least = least.min(if is_padding { i64::MAX } else { value });
            most = most.max(if is_padding { i64::MIN } else { value });
        }
        let join = |range: &mut Option<[i64; 2]>, low: i64, high: i64| {
            *range = Some(range.map_or([low, high], |[a, b]| [a.min(low), b.max(high)]));
        };
        if count > 0 {
            self.count += count;
            join(&mut self.padding, low, high);
        }
        if least <= most {
            join(&mut self.others, least, most);
        }
    }
}
