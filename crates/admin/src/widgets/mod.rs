//! What pages are made of. Each knows how it looks and how it is used from the keyboard, and nothing of permissions.

mod banner;
mod button;
mod checkbox;
mod chip;
mod combobox;
mod copy_button;
mod copy_line;
mod dialog;
mod empty;
mod field;
mod first_wrong;
mod form;
mod icon;
mod id;
mod keys;
mod menu;
mod pager;
mod popover;
mod segmented;
mod skeleton;
mod sort_header;
mod status_badge;
mod tabs;
mod tip;

#[cfg(test)]
mod in_browser;

pub use banner::{Banner, Tone, failed};
pub use button::{Button, IconButton, Variant};
pub use checkbox::{Checkbox, Ticked};
pub use chip::{Chip, Chips, MOST_CHIPS, Named, RemovableChip};
pub use combobox::{Choice, Combobox};
pub use copy_button::CopyButton;
pub use copy_line::CopyLine;
pub use dialog::{Dialog, DialogForm, unsaved};
pub use empty::Empty;
pub use field::{SearchField, TextArea, TextField};
pub use form::Form;
pub use icon::{Icon, shape};
pub use id::use_id;
pub use keys::keys;
pub use menu::{Menu, MenuItem};
pub use pager::{AfterRows, pager, use_known_cursor, use_page_with_rows, use_way_back};
pub use popover::{Popover, is_open, place, use_floating, use_listener};
pub use segmented::{Segment, Segmented};
pub use skeleton::{Skeleton, SkeletonRows};
pub use sort_header::SortHeader;
pub use status_badge::StatusBadge;
pub use tabs::{Tab, Tabs};
pub use tip::{Tip, watch_escape};
