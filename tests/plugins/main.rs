//! What the host of plugins must refuse or contain, and what it promises to those that behave: over real libraries.

mod authors;
mod bench;
mod companions;
mod contained;
mod doors;
mod fitted;
mod frozen;
mod generations;
mod habitats;
mod hazards;
#[cfg(target_os = "linux")]
mod isolated;
#[cfg(target_os = "linux")]
mod kit;
mod languages;
mod methods;
mod normalised;
mod reads;
mod refused;
mod search;
mod seen;
mod settings;
mod shown;
mod strangers;
mod vendor;
mod wire;
