//! The widgets in a real browser, one file a widget: `cargo xtask test --only widgets` runs them in Chromium.

#![cfg(target_arch = "wasm32")]

mod checkbox;
mod chips;
mod combobox;
mod dialog;
mod menu;
mod segmented;
mod sort_header;
mod stage;
mod tabs;
mod text_field;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
