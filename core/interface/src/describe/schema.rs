//! The settings of a plugin as a JSON schema, for editors, forms and other programs.

use serde_json::{Map, Value as Json, json};

use super::{Plugin, Setting, Takes};

/// The dialect of the schema.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Plugin {
    /// Its settings as a JSON schema (draft 2020-12): an object that takes no other keys. `unit` is a word of ours.
    pub fn settings_schema(&self) -> Json {
        let mut properties: Map<String, Json> =
            self.settings.iter().map(|setting| (setting.key.clone(), setting.schema())).collect();
        if let Some(default) = self.aggregations.first() {
            properties.insert("aggregation".into(), json!({ "enum": self.aggregations, "default": default }));
        }
        let required: Vec<&str> =
            self.settings.iter().filter(|setting| setting.required).map(|setting| setting.key.as_str()).collect();
        json!({
            "$schema": DRAFT,
            "title": self.name(),
            "description": self.summary,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    /// Fills in what follows from the rest, where it is left out.
    pub(super) fn complete(&mut self) {
        if self.schema.is_none() {
            self.schema = Some(self.settings_schema());
        }
    }
}

impl Setting {
    fn schema(&self) -> Json {
        let mut schema = self.takes.schema();
        schema.insert("description".into(), self.purpose.as_str().into());
        schema.extend(self.unit.as_ref().map(|unit| ("unit".to_owned(), unit.as_str().into())));
        schema.extend(self.default.as_ref().map(|default| ("default".to_owned(), default.clone())));
        schema.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<String, Json>>().into()
    }
}

impl Takes {
    fn schema(&self) -> Map<String, Json> {
        let schema = match self {
            Self::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
            Self::Integer { min, max } => {
                let max = (*max != i64::MAX).then_some(max);
                json!({ "type": "integer", "minimum": min, "maximum": max })
            }
            Self::Numbers { length } => {
                json!({ "type": "array", "items": { "type": "number" }, "minItems": length, "maxItems": length })
            }
            Self::Flag => json!({ "type": "boolean" }),
            Self::Choice(words) => json!({ "enum": words }),
            Self::Text => json!({ "type": "string" }),
            Self::File => json!({ "type": "string", "format": "file" }),
        };
        match schema {
            Json::Object(schema) => schema,
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Library;

    #[test]
    fn a_description_without_a_schema_gets_one_from_its_settings() {
        let text = r#"{"version": "1", "vendor": "v", "licence": "l", "plugins": [{"kind": "filter", "id": "x", "summary": "s",
            "settings": [{"key": "sigma_mm", "purpose": "scale", "unit": "mm", "takes": {"number": {"min": 0.5, "max": null}},
                          "required": true},
                         {"key": "mode", "purpose": "edge", "takes": {"choice": ["a", "b"]}, "default": "a"},
                         {"key": "three", "purpose": "p", "takes": {"numbers": {"length": 3}}}]}]}"#;
        let library = Library::read(text).expect("a library");
        let schema = library.plugins[0].schema.as_ref().expect("a schema");
        let of = |key: &str| &schema["properties"][key];
        let expected = json!({ "description": "scale", "minimum": 0.5, "type": "number", "unit": "mm" });
        assert_eq!(*of("sigma_mm"), expected);
        assert_eq!(*of("mode"), json!({ "default": "a", "description": "edge", "enum": ["a", "b"] }));
        assert_eq!((&of("three")["minItems"], &of("three")["maxItems"]), (&json!(3), &json!(3)));
        assert_eq!(schema["required"], json!(["sigma_mm"]));
        assert_eq!(schema["additionalProperties"], false);
    }
}
