//! Stands in for minify-js: gives back what it is given.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopLevelMode {
    Global,
    Module,
}

#[derive(Default)]
pub struct Session;

impl Session {
    pub fn new() -> Self {
        Self
    }
}

pub fn minify(_: &Session, _: TopLevelMode, source: &[u8], output: &mut Vec<u8>) -> Result<(), String> {
    output.extend_from_slice(source);
    Ok(())
}
