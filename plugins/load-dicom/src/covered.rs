//! That the stored values of a frame are those that its mapping to intensities is meant for.

use dicom_dictionary_std::tags;
use voxomics_sdk::VoxelType;

use crate::error::ReadError;
use crate::pixels::padding;
use crate::volumes::Planned;

/// Holds the voxels of every frame that has a real world value mapping against the range of that.
///
/// # Errors
/// If a value that is no padding lies outside.
pub fn check(plan: &Planned<'_>, voxels: &[u8], voxel_type: VoxelType) -> Result<(), ReadError> {
    let bytes = plan.layouts[0].format.frame_bytes().max(1);
    for (frame, slice) in plan.frames.iter().zip(voxels.chunks_exact(bytes)) {
        let Some([low, high]) = frame.covers else { continue };
        let object = plan.objects[frame.object];
        let blank = padding(object.root(), &plan.layouts[frame.object].format)?;
        let is_outside = |value: f64| {
            let is_padding = blank.is_some_and(|[first, last]| value >= first as f64 && value <= last as f64);
            !is_padding && (value < low || value > high)
        };
        if let Some(found) = first(slice, voxel_type, is_outside) {
            let frame = frame.index + 1;
            let expected = format!("a mapping for all stored values of frame {frame}, of which one is {found}");
            let shown = format!("for stored values from {low} to {high}");
            return Err(object.root().invalid(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, &shown, &expected));
        }
    }
    Ok(())
}

/// The first value for which something holds.
fn first(slice: &[u8], voxel_type: VoxelType, holds: impl Fn(f64) -> bool) -> Option<f64> {
    macro_rules! find {
        ($number:ty, $convert:expr) => {
            slice
                .as_chunks()
                .0
                .iter()
                .map(|bytes| $convert(<$number>::from_ne_bytes(*bytes)))
                .find(|value| holds(*value))
        };
    }
    match voxel_type {
        VoxelType::U8 => find!(u8, f64::from),
        VoxelType::I8 => find!(i8, f64::from),
        VoxelType::U16 => find!(u16, f64::from),
        VoxelType::I16 => find!(i16, f64::from),
        VoxelType::U32 => find!(u32, f64::from),
        VoxelType::I32 => find!(i32, f64::from),
        VoxelType::F32 => find!(f32, f64::from),
        VoxelType::F64 => find!(f64, |value: f64| value),
        // DICOM has none of these.
        VoxelType::U64 | VoxelType::I64 => None,
    }
}
