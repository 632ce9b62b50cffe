//! The scans of a case that a plan reads, and what of each.

use std::path::PathBuf;

use super::{Plan, dependence::Node};
use crate::{cases::Case, experiment::Region};

/// A file that a plan reads of a case: its column in the list, and where it is.
pub type CaseFile = (String, PathBuf);

impl Plan {
    /// The scans that images are of, in their order: the word after `image.`, none for the one without a word.
    pub fn scans(&self) -> Vec<Option<&str>> {
        let mut scans = Vec::new();
        for image in &self.images {
            if !scans.contains(&image.scan.as_deref()) {
                scans.push(image.scan.as_deref());
            }
        }
        scans
    }

    /// Whether features of a region are computed of a scan. Where there is one scan alone, a region is looked for even if no
    /// family asks for it.
    pub fn wants(&self, scan: Option<&str>, region: usize) -> bool {
        let uses = |family: &super::Family| {
            let of_scan = |map: usize| self.images[self.maps[map].image].scan.as_deref() == scan;
            family.regions[region] && family.uses.iter().enumerate().any(|(map, used)| used.is_some() && of_scan(map))
        };
        let is_mapped = |image: &super::Image| {
            let of_region = |mapping: &super::Mapping| mapping.region == self.regions[region].name;
            image.scan.as_deref() == scan && image.mapping.as_ref().is_some_and(of_region)
        };
        let used = || self.families.iter().any(uses) || self.images.iter().any(is_mapped);
        self.regions[region].features && (self.scans().len() == 1 || used())
    }

    /// Whether a filter of a scan looks at a region, or a family that is computed of it reads its mask.
    pub fn lends(&self, scan: Option<&str>, region: usize) -> bool {
        let is_of_scan = |image: &super::Image| image.scan.as_deref() == scan;
        let name = &self.regions[region].name;
        let reads = |family: &super::Family| {
            let mut used = self.maps.iter().zip(&family.uses).filter(|(_, used)| used.is_some());
            family.instance.needs.regions.contains(name) && used.any(|(map, _)| is_of_scan(&self.images[map.image]))
        };
        let mut of_scan = self.images.iter().filter(|image| is_of_scan(image));
        of_scan.any(|image| self.seen_by(image).contains(&region)) || self.families.iter().any(reads)
    }

    /// The regions that the filter of an image looks at: the one that its setting `region` names; else all of them if it sees
    /// regions, and those that features are computed of while it is fitted. Regions that are made of images are not among
    /// these: such an image could be made of itself.
    pub fn seen_by(&self, image: &super::Image) -> Vec<usize> {
        let Some(filter) = image.filter.as_ref().filter(|filter| filter.sees_regions || filter.unfitted) else {
            return Vec::new();
        };
        let named = image.region().and_then(|name| self.regions.iter().position(|region| region.name == name));
        let all = (0..self.regions.len()).filter(|region| !self.is_of_images(*region));
        match named {
            Some(region) => vec![region],
            None if filter.sees_regions => all.collect(),
            None => all.filter(|region| self.wants(image.scan.as_deref(), *region)).collect(),
        }
    }

    /// The regions that are wanted of a scan or lent to its filters, and those that they are made of.
    pub fn needed(&self, scan: Option<&str>) -> Vec<&Region> {
        let needed = |region| self.wants(scan, region) || self.lends(scan, region);
        let mut needed: Vec<bool> = (0..self.regions.len()).map(needed).collect();
        if self.scans().len() == 1 {
            needed.fill(true);
        }
        for index in 0..needed.len() {
            if needed[index] {
                for of in self.all_made_of(Node::Region(index)) {
                    if let Node::Region(at) = of {
                        needed[at] = true;
                    }
                }
            }
        }
        self.regions.iter().zip(needed).filter(|(_, needed)| *needed).map(|(region, _)| region).collect()
    }

    /// The masks that the regions of a scan are drawn from: the word after `mask.`, none for the one without a word.
    pub fn masks(&self, scan: Option<&str>) -> Vec<Option<&str>> {
        let mut masks = Vec::new();
        for region in self.needed(scan) {
            if region.from.is_drawn() && !masks.contains(&region.mask.as_deref()) {
                masks.push(region.mask.as_deref());
            }
        }
        masks
    }

    /// Every file that is read of a case and is there: the first image, the first mask, and all others.
    pub fn files_of(&self, case: &Case) -> Vec<CaseFile> {
        let column = |kind: &str, name: Option<&str>| name.map_or(kind.to_owned(), |name| format!("{kind}.{name}"));
        let scans = self.scans();
        let mut masks = Vec::new();
        for mask in scans.iter().flat_map(|scan| self.masks(*scan)) {
            if !masks.contains(&mask) {
                masks.push(mask);
            }
        }
        let images =
            scans.iter().filter_map(|name| Some((column("image", *name), case.scan(*name).ok()?.0.to_owned())));
        let masks = masks.iter().filter_map(|name| Some((column("mask", *name), case.mask(*name).ok()?.to_owned())));
        images.chain(masks).collect()
    }
}
