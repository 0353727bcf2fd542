//! Those who are found one by one for something that is done to all of them at once.

use std::rc::Rc;

use yew::prelude::*;

use super::Picked;
use crate::batch::Making;
use crate::states::use_flag;

/// Those who were found.
#[derive(Clone, PartialEq)]
pub struct Gathered {
    basket: UseStateHandle<Rc<[Picked]>>,
    tried: UseStateHandle<bool>,
}

impl Gathered {
    /// Each of them.
    pub fn basket(&self) -> &Rc<[Picked]> {
        &self.basket
    }

    /// How many they are.
    pub fn len(&self) -> u64 {
        self.basket.len() as u64
    }

    /// Whether nobody was found yet.
    pub fn is_empty(&self) -> bool {
        self.basket.is_empty()
    }

    /// Whether it was to be done already, so that what is missing is said.
    pub fn is_tried(&self) -> bool {
        *self.tried
    }

    /// Whether it was to be done, and nobody was found.
    pub fn is_missed(&self) -> bool {
        self.is_tried() && self.is_empty()
    }

    /// Puts others in their place.
    pub fn onchange(&self) -> Callback<Rc<[Picked]>> {
        let basket = self.basket.setter();
        Callback::from(move |next| basket.set(next))
    }

    /// Does it for a reason, an empty one is none, as far as nothing is missing.
    pub fn onsubmit(&self, making: &Making, reason: &str) -> Callback<()> {
        let (tried, make) = (self.tried.setter(), making.make.clone());
        let reason = reason.trim().to_owned();
        Callback::from(move |()| {
            tried.set(true);
            make.emit(reason.clone());
        })
    }
}

/// Those who are found for something; at first nobody.
#[hook]
pub fn use_gathered() -> Gathered {
    Gathered { basket: use_state(|| Rc::from([])), tried: use_flag() }
}
