//! The bytes of what is written: [postcard](https://postcard.jamesmunns.com/wire-format), by hand.
//!
//! A checker is downloaded before it answers: reading in one pass, straight from the bytes, is a
//! fraction of the code that general-purpose visitors become.

use crate::rows::Bits;

/// The most room that is made for a list before its items are there: what it says of its length may
/// not be so.
const ROOM: usize = 4096;

/// Bytes that were not read yet. Once they turn out to be broken only noughts are read: so nothing on
/// the way has to stop, and whoever reads all of it asks once.
pub(super) struct Bytes<'b> {
    left: &'b [u8],
    broken: bool,
}

impl<'b> Bytes<'b> {
    pub(super) fn broken(&mut self) {
        (self.left, self.broken) = (&[], true);
    }

    fn take(&mut self, count: usize) -> &'b [u8] {
        let Some((taken, left)) = self.left.split_at_checked(count) else {
            self.broken();
            return &[];
        };
        self.left = left;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap_or([0; N])
    }

    /// A whole number, seven bits to a byte, the lowest first, of at most so many bits.
    fn number(&mut self, bits: u32) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let [byte] = self.array();
            let part = u64::from(byte & 0x7f);
            let overflows = shift >= bits || part > u64::MAX >> (64 - bits) >> shift;
            // A number is written in one way only.
            if overflows || byte == 0 && shift > 0 {
                self.broken();
                return 0;
            }
            number |= part << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    fn length(&mut self) -> usize {
        usize::try_from(self.number(usize::BITS)).unwrap_or_default()
    }
}

fn write_number(mut number: u64, to: &mut Vec<u8>) {
    while let Some(more @ 1..) = number.checked_shr(7) {
        #[expect(clippy::cast_possible_truncation, reason = "the lowest seven bits")]
        to.push(number as u8 | 0x80);
        number = more;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 128")]
    to.push(number as u8);
}

/// What can be written and read again.
pub(super) trait Part: Sized {
    fn write(&self, to: &mut Vec<u8>);

    fn read(from: &mut Bytes<'_>) -> Self;

    fn write_all(all: &[Self], to: &mut Vec<u8>) {
        all.iter().for_each(|one| one.write(to));
    }

    fn read_all(count: usize, from: &mut Bytes<'_>) -> Vec<Self> {
        let mut all = Vec::with_capacity(count.min(ROOM));
        while all.len() < count && !from.broken {
            all.push(Self::read(from));
        }
        all
    }
}

/// All of it, after what names the encoding.
pub(super) fn written(magic: [u8; 4], whole: &impl Part) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    whole.write(&mut bytes);
    bytes
}

/// All of it, and nothing after it.
pub(super) fn read<T: Part>(bytes: &[u8]) -> Option<T> {
    let mut bytes = Bytes { left: bytes, broken: false };
    let whole = T::read(&mut bytes);
    (!bytes.broken && bytes.left.is_empty()).then_some(whole)
}

/// What `read` makes of every item; nothing where it makes nothing of one. As `collect` does, in less
/// code for each.
#[inline(never)]
pub(super) fn every<A, B>(
    items: impl IntoIterator<Item = A>,
    mut read: impl FnMut(A) -> Option<B>,
) -> Option<Vec<B>> {
    let mut all = Vec::new();
    for item in items {
        all.push(read(item)?);
    }
    all.shrink_to_fit();
    Some(all)
}

/// Parts that are made of parts, one after the other in the order that is written here.
macro_rules! parts {
    ($($whole:ident $(<$name:ident>)? { $($part:ident),+ $(,)? })+) => {$(
        impl $(<$name: $crate::snapshot::codec::Part>)? $crate::snapshot::codec::Part for $whole $(<$name>)? {
            fn write(&self, to: &mut Vec<u8>) {
                $($crate::snapshot::codec::Part::write(&self.$part, to);)+
            }

            #[inline(never)]
            fn read(from: &mut $crate::snapshot::codec::Bytes<'_>) -> Self {
                Self { $($part: $crate::snapshot::codec::Part::read(from)),+ }
            }
        }
    )+};
}

/// One of several parts: its number, and what it is made of.
macro_rules! one_of {
    ($($whole:ident { $($number:literal => $one:ident($($part:ident),+)),+ $(,)? })+) => {$(
        impl $crate::snapshot::codec::Part for $whole {
            fn write(&self, to: &mut Vec<u8>) {
                match self {
                    $(Self::$one($($part),+) => {
                        to.push($number);
                        $($part.write(to);)+
                    })+
                }
            }

            #[inline(never)]
            fn read(from: &mut $crate::snapshot::codec::Bytes<'_>) -> Self {
                use $crate::snapshot::codec::Part;
                match u32::read(from) {
                    $($number => {
                        $(let $part = Part::read(from);)+
                        Self::$one($($part),+)
                    })+
                    _ => {
                        // The one of number 0 is read, made of noughts.
                        from.broken();
                        Self::read(from)
                    }
                }
            }
        }
    )+};
}

pub(super) use {one_of, parts};

impl Part for u8 {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(*self);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        let [byte] = from.array();
        byte
    }

    fn write_all(all: &[Self], to: &mut Vec<u8>) {
        to.extend_from_slice(all);
    }

    fn read_all(count: usize, from: &mut Bytes<'_>) -> Vec<Self> {
        from.take(count).to_vec()
    }
}

impl Part for bool {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        match u8::read(from) {
            0 => false,
            1 => true,
            _ => {
                from.broken();
                false
            }
        }
    }
}

impl Part for u16 {
    fn write(&self, to: &mut Vec<u8>) {
        write_number(u64::from(*self), to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        from.number(Self::BITS).try_into().unwrap_or_default()
    }
}

impl Part for u32 {
    fn write(&self, to: &mut Vec<u8>) {
        write_number(u64::from(*self), to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        from.number(Self::BITS).try_into().unwrap_or_default()
    }
}

impl Part for u64 {
    fn write(&self, to: &mut Vec<u8>) {
        write_number(*self, to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        from.number(Self::BITS)
    }
}

/// Numbers near nought are short, whatever their sign.
impl Part for i64 {
    fn write(&self, to: &mut Vec<u8>) {
        write_number((self << 1 ^ self >> 63).cast_unsigned(), to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        let number = from.number(u64::BITS);
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }
}

impl Part for f64 {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.to_le_bytes());
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        Self::from_le_bytes(from.array())
    }
}

impl Part for String {
    fn write(&self, to: &mut Vec<u8>) {
        write_number(self.len() as u64, to);
        to.extend_from_slice(self.as_bytes());
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        let length = from.length();
        let Ok(text) = std::str::from_utf8(from.take(length)) else {
            from.broken();
            return Self::new();
        };
        text.to_owned()
    }
}

impl<T: Part> Part for Option<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        self.iter().for_each(|part| part.write(to));
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        bool::read(from).then(|| T::read(from))
    }
}

impl<T: Part> Part for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        write_number(self.len() as u64, to);
        T::write_all(self, to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        let count = from.length();
        T::read_all(count, from)
    }
}

impl<A: Part, B: Part> Part for (A, B) {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        (A::read(from), B::read(from))
    }
}

impl<A: Part, B: Part, C: Part> Part for (A, B, C) {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
        self.2.write(to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        (A::read(from), B::read(from), C::read(from))
    }
}

/// A list of bytes, eight to a word, without the empty ones at the end.
impl Part for Bits {
    fn write(&self, to: &mut Vec<u8>) {
        let mut bytes: Vec<u8> = self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        bytes.write(to);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        let length = from.length();
        let (whole, rest) = from.take(length).as_chunks();
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(byte, told)| *byte = *told);
        let last = Some(last).filter(|_| !rest.is_empty());
        Self(whole.iter().chain(&last).map(|bytes| u64::from_le_bytes(*bytes)).collect())
    }
}

impl Part for [u8; 32] {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self);
    }

    fn read(from: &mut Bytes<'_>) -> Self {
        from.array()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::Serialize;

    use super::*;

    fn is_postcard<T: Part + Serialize + PartialEq + Debug>(whole: T) {
        let mut bytes = Vec::new();
        whole.write(&mut bytes);
        assert_eq!(bytes, postcard::to_extend(&whole, Vec::new()).unwrap(), "{whole:?}");
        assert_eq!(read::<T>(&bytes).as_ref(), Some(&whole));
        for shorter in 0..bytes.len() {
            assert_eq!(read::<T>(&bytes[..shorter]), None, "{whole:?} cut at {shorter}");
        }
        bytes.push(0);
        assert_eq!(read::<T>(&bytes), None, "{whole:?} and more");
    }

    #[test]
    fn what_is_written_is_postcard() {
        for number in [0, 1, 127, 128, 255, 256, 16_383, 16_384, 65_535] {
            is_postcard(number as u8);
            is_postcard(number as u16);
            is_postcard(number as u32);
            is_postcard(number as u64);
            is_postcard(i64::from(number));
            is_postcard(-i64::from(number));
        }
        is_postcard((u32::MAX, u64::MAX, u16::MAX));
        is_postcard(vec![i64::MIN, i64::MAX]);
        is_postcard((vec![true, false], Some(1.5_f64)));
        is_postcard((String::from("servers/é"), None::<String>));
        is_postcard(vec![vec![7_u8, 0, 255], Vec::new()]);
        is_postcard([3_u8; 32]);
    }

    #[test]
    fn what_is_no_number_text_or_list_is_nothing() {
        assert_eq!(read::<u16>(&[0xff, 0xff, 0x04]), None, "17 bits");
        assert_eq!(read::<u32>(&[0x80, 0x80, 0x80, 0x80, 0x10]), None, "33 bits");
        assert_eq!(read::<u32>(&[0xff; 9]), None, "without an end");
        assert_eq!(
            read::<u64>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]),
            None,
            "65 bits"
        );
        assert_eq!(read::<u32>(&[0x80, 0x00]), None, "longer than it need be");
        assert_eq!(read::<bool>(&[2]), None);
        assert_eq!(read::<String>(&[1, 0xff]), None);
        assert_eq!(read::<Vec<String>>(&[0xff, 0xff, 0xff, 0xff, 0x0f]), None, "a length that is not so");
    }
}
