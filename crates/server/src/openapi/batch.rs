//! The changes that a batch takes: those of the model that are not made elsewhere.

use rolewright_wire::batch::elsewhere;
use serde_json::Value;
use utoipa::openapi::schema::ArrayItems;
use utoipa::openapi::{Components, Ref, RefOr, Schema};

/// What the changes of a batch are called.
const NAME: &str = "BatchChange";

/// Describes the changes that a batch takes by themselves.
pub(super) fn describe(components: &mut Components) {
    let Some(RefOr::T(Schema::OneOf(mut changes))) = components.schemas.get("Change").cloned() else {
        return;
    };
    changes.items.retain(|change| name(change).is_none_or(|name| elsewhere(&name).is_none()));
    components.schemas.insert(NAME.to_owned(), RefOr::T(Schema::OneOf(changes)));
    if let Some(RefOr::T(Schema::Object(batch))) = components.schemas.get_mut("Batch")
        && let Some(RefOr::T(Schema::Array(changes))) = batch.properties.get_mut("changes")
    {
        changes.items = ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(NAME))));
    }
}

/// The name of a change: the one value of its `change`.
fn name(change: &RefOr<Schema>) -> Option<String> {
    let change = serde_json::to_value(change).unwrap_or_default();
    change.pointer("/properties/change/enum/0").and_then(Value::as_str).map(str::to_owned)
}
