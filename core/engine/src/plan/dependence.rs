//! What regions and images are made of, where regions are made of images that look at regions.

use super::{Plan, Source, regions};
use crate::experiment::{Diagnostic, Diagnostics, Region, RegionFrom};

/// A region or an image of a plan, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// A region.
    Region(usize),
    /// An image.
    Image(usize),
}

impl Plan {
    fn place(&self, name: &str) -> Option<usize> {
        self.regions.iter().position(|region| region.name == name)
    }

    /// The regions that a region is made of.
    fn sources(&self, region: &Region) -> Vec<usize> {
        regions::sources(region).filter_map(|name| self.place(name)).collect()
    }

    /// Whether a plugin makes a region, or one that it is made of, of images that the experiment names. No filter looks at such a
    /// region unless it names it: an image could be made of itself otherwise.
    pub fn is_of_images(&self, region: usize) -> bool {
        // Regions that are made of each other in a circle are looked at before that is told.
        let (mut seen, mut left) = (Vec::new(), vec![region]);
        while let Some(next) = left.pop() {
            let region = &self.regions[next];
            if matches!(&region.from, RegionFrom::Made { images, .. } if !images.is_empty()) {
                return true;
            }
            seen.push(next);
            left.extend(self.sources(region).into_iter().filter(|source| !seen.contains(source)));
        }
        false
    }

    /// The region that an image names: that of its map, or the one that its filter looks at.
    pub fn region_of_image(&self, image: usize) -> Option<usize> {
        let image = &self.images[image];
        let of_map = image.mapping.as_ref().map(|mapping| mapping.region.as_str());
        let looks = image.filter.as_ref().is_some_and(|filter| filter.sees_regions || filter.unfitted);
        self.place(of_map.or_else(|| image.region().filter(|_| looks))?)
    }

    /// What something is made of, one step back.
    fn made_of(&self, node: Node) -> Vec<Node> {
        match node {
            Node::Region(region) => {
                let images = self.makers.get(region).and_then(|maker| maker.as_ref()).map(|maker| &maker.images);
                let images = images.into_iter().flatten().map(|map| Node::Image(self.maps[*map].image));
                self.sources(&self.regions[region]).into_iter().map(Node::Region).chain(images).collect()
            }
            Node::Image(image) => {
                let source = match self.images[image].of {
                    Source::Response { image, .. } => Some(Node::Image(image)),
                    Source::Scan => None,
                };
                let regions = self.seen_by(&self.images[image]).into_iter().chain(self.region_of_image(image));
                source.into_iter().chain(regions.map(Node::Region)).collect()
            }
        }
    }

    /// Everything that something is made of, without itself unless it is made of itself.
    pub(super) fn all_made_of(&self, node: Node) -> Vec<Node> {
        let (mut found, mut left) = (Vec::new(), self.made_of(node));
        while let Some(next) = left.pop() {
            if !found.contains(&next) {
                found.push(next);
                left.extend(self.made_of(next));
            }
        }
        found
    }

    /// The regions that some images look at, directly or through images that they are made of.
    pub fn regions_of_images(&self, images: &[usize]) -> Vec<usize> {
        let mut all: Vec<usize> = Vec::new();
        for image in images {
            let chain = self.chain(*image);
            let looked_at = chain.iter().flat_map(|image| {
                self.seen_by(&self.images[*image]).into_iter().chain(self.region_of_image(*image)).collect::<Vec<_>>()
            });
            for region in looked_at {
                if !all.contains(&region) {
                    all.push(region);
                }
            }
        }
        all.sort_unstable();
        all
    }

    /// Whether an image is a map, or made of one: it has no value where a feature is not defined.
    pub fn is_of_map(&self, image: usize) -> bool {
        self.chain(image).into_iter().any(|image| self.images[image].mapping.is_some())
    }

    /// An image and those that it is made of.
    fn chain(&self, image: usize) -> Vec<usize> {
        let mut chain = vec![image];
        // Images are not made of each other in a circle.
        while let Some(Source::Response { image, .. }) = chain.last().map(|last| self.images[*last].of) {
            if chain.len() > self.images.len() {
                break;
            }
            chain.push(image);
        }
        chain
    }

    /// A region that is made of images which look at it is a mistake; its maker then sees none.
    pub(super) fn no_region_of_itself(&mut self, diagnostics: &Diagnostics) {
        for region in 0..self.regions.len() {
            let of_images = self.makers[region].as_ref().is_some_and(|maker| !maker.images.is_empty());
            if !of_images || !self.all_made_of(Node::Region(region)).contains(&Node::Region(region)) {
                continue;
            }
            let Region { section, origin, .. } = &self.regions[region];
            let message = format!(
                "[regions.{section}] is made of images that look at it, or at what is made of it: let their filters and maps look \
                 at another region"
            );
            diagnostics.push(Diagnostic::new(origin.clone(), message));
            if let Some(maker) = &mut self.makers[region] {
                maker.images.clear();
            }
        }
    }

    /// Whether something, or anything that it is made of, is still to be fitted.
    pub(super) fn waits(&self, node: Node) -> bool {
        self.all_made_of(node).into_iter().any(|of| self.is_unfitted(of))
    }

    /// Whether something is itself to be fitted.
    pub(super) fn is_unfitted(&self, node: Node) -> bool {
        match node {
            Node::Region(region) => {
                self.makers.get(region).and_then(Option::as_ref).is_some_and(|maker| maker.instance.unfitted)
            }
            Node::Image(image) => self.images[image].filter.as_ref().is_some_and(|filter| filter.unfitted),
        }
    }
}
