//! Plugins that do most things well and one thing badly, for the kit that authors check their plugins with.

mod family;
mod others;

voxomics_sdk::export_plugin! {
    vendor: "The tests",
    loaders: [others::Credulous],
    filters: [others::Narrow, others::Restless],
    families: [family::Strays, others::Blank],
    predictors: [others::Deaf],
}
