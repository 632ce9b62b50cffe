//! Model cards beside the models that were learnt: for people and for programs.

use std::path::Path;

use voxomics_engine::output::Folder;
use voxomics_report::study::Study;

/// The ends of a card's files, behind the name of its model.
const ENDS: [&str; 2] = ["card.md", "card.json"];

/// Writes the card of each model that the study learnt, beside the model file.
///
/// # Errors
/// Which file, and why not.
pub fn write(study: &Study, folder: &Folder) -> Result<(), String> {
    for card in voxomics_report::model_cards(study) {
        let Some(model) = study.models.iter().find(|model| model.name == card.model) else { continue };
        let file = Path::new(&model.file.path);
        let Some(below) = file.parent().and_then(Path::to_str) else { continue };
        let folder = folder.below(below)?;
        let [for_people, for_programs] = names(file);
        folder.write(&for_people, |out| out.write_all(card.markdown.as_bytes()))?;
        folder.write(&for_programs, |out| {
            serde_json::to_writer_pretty(&mut *out, &card.json)?;
            writeln!(out)
        })?;
    }
    Ok(())
}

/// The names of the card's files beside a model file.
pub fn names(model: &Path) -> [String; 2] {
    let stem = model.file_stem().unwrap_or_default().to_string_lossy();
    ENDS.map(|end| format!("{stem}.{end}"))
}

/// Takes the card of a model away: beside a model that is learnt anew, it would be that of another one. `folder` is that of the models.
///
/// # Errors
/// Which file, and why not.
pub fn remove(folder: &Folder, model: &str) -> Result<(), String> {
    ENDS.iter().try_for_each(|end| folder.remove(&format!("{model}.{end}")))
}
