//! Fields that choose something of the tenant's: a person or a group, a place, a time.

mod basket;
mod gathered;
mod person;
mod place;
mod place_field;
mod window;

pub use basket::Basket;
pub use gathered::use_gathered;
pub use person::{PersonPicker, Picked, Whom, found};
pub use place::{PlacePicker, Variable, id_problem, place_problem, use_places};
pub use place_field::PlaceField;
pub use window::{Window, WindowPicker};
