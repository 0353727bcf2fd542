//! Stands in for zip: opens no archive, and says so.

use std::io::{Error, Read, Result};
use std::marker::PhantomData;
use std::path::PathBuf;

pub struct ZipArchive<R>(PhantomData<R>);

pub struct ZipFile<'a>(PhantomData<&'a ()>);

impl<R> ZipArchive<R> {
    pub fn new(_: R) -> Result<Self> {
        Err(Error::other("this build of the tool opens no archives: `cargo xtask` builds every tool that is needed"))
    }

    pub fn len(&self) -> usize {
        0
    }

    pub fn is_empty(&self) -> bool {
        true
    }

    pub fn by_index(&mut self, _: usize) -> Result<ZipFile<'_>> {
        Err(Error::other("this build of the tool opens no archives"))
    }
}

impl ZipFile<'_> {
    pub fn enclosed_name(&self) -> Option<PathBuf> {
        None
    }

    pub fn unix_mode(&self) -> Option<u32> {
        None
    }
}

impl Read for ZipFile<'_> {
    fn read(&mut self, _: &mut [u8]) -> Result<usize> {
        Ok(0)
    }
}
