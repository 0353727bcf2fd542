//! Fields that choose something of the tenant's: a person or a group, a place.

mod person;
mod place;
mod place_field;

pub use person::{PersonPicker, Picked};
pub use place::{PlacePicker, Variable, use_places};
pub use place_field::PlaceField;
