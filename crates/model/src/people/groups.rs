//! Groups and packages: what reaches those who are in them.

use std::sync::Arc;

use super::{Ascent, Group, Held, Package, People, packed};
use crate::stamp::Stamp;
use crate::subject::Link;

/// How many groups a group may be in, through others too: far above what an organisation has, and a
/// bound on what one edit can cost.
pub(crate) const MOST_ABOVE: usize = 128;

/// Whether a group may be nested as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nesting {
    /// It may.
    Sound,
    /// It is in itself; named by the link that closes the cycle.
    Cycle(Link),
    /// It is in more than [`MOST_ABOVE`] groups.
    TooHigh,
}

impl People {
    pub(crate) fn group(&self, group: u32) -> Option<&Group> {
        self.groups.get(group as usize)?.as_ref()
    }

    /// The group at that position, to be edited.
    pub(crate) fn group_mut(&mut self, group: u32) -> Option<&mut Group> {
        self.groups.edit(group as usize)?.as_mut()
    }

    /// Enters a package, in the place of the one of that id, if there is one.
    #[inline(never)]
    pub(crate) fn set_package(&mut self, package: Package) {
        let next = u32::try_from(self.packages.len()).unwrap_or(u32::MAX);
        match self.package_positions.get(&package.id) {
            Some(position) => self.packages.set(*position as usize, Some(package)),
            None => {
                Arc::make_mut(&mut self.package_positions).insert(package.id.clone(), next);
                self.packages.push(Some(package));
            }
        }
    }

    pub(crate) fn package(&self, package: u32) -> Option<&Package> {
        self.packages.get(package as usize)?.as_ref()
    }

    /// The position of the group of that id, given out now if there is none.
    pub(crate) fn place_group(&mut self, id: &str) -> u32 {
        if let Some(position) = self.group_positions.get(id) {
            return *position;
        }
        let position = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        Arc::make_mut(&mut self.group_positions).insert(id.to_owned(), position);
        let (own, parents, reaching) = (Vec::new(), Vec::new(), Vec::new());
        self.groups.push(Some(Group { id: id.to_owned(), own, parents, reaching }));
        position
    }

    /// The groups that a group is in, itself first.
    pub(crate) fn above(&self, group: &str) -> Vec<u32> {
        let mut above: Vec<u32> = self.group_positions.get(group).copied().into_iter().collect();
        let mut next = 0;
        while let Some(group) = above.get(next).and_then(|group| self.group(*group)) {
            next += 1;
            let new: Vec<u32> = group.parents.iter().map(|(parent, _)| *parent).collect();
            for parent in new {
                if !above.contains(&parent) {
                    above.push(parent);
                }
            }
        }
        above
    }

    /// Some groups, and those that are in one of them, in the order of positions. `O(groups x depth)`.
    pub(crate) fn below(&self, groups: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut is_below = vec![false; self.groups.len()];
        let mut more = false;
        for group in groups {
            if let Some(is_below) = is_below.get_mut(group as usize) {
                (*is_below, more) = (true, true);
            }
        }
        while more {
            more = false;
            for (at, group) in self.groups.iter().enumerate() {
                let parents = group.as_ref().map_or(&[][..], |group| &group.parents);
                let has = parents.iter().any(|(parent, _)| is_below.get(*parent as usize) == Some(&true));
                if let Some(is_below) = is_below.get_mut(at).filter(|is_below| has && !**is_below) {
                    (*is_below, more) = (true, true);
                }
            }
        }
        (0..).zip(is_below).filter(|(_, is_below)| *is_below).map(|(group, _)| group).collect()
    }

    /// Works out what reaches the members of a group: for itself and each group above it one way
    /// up, the one whose newest link is oldest, for it counts whenever another does; of those the
    /// shortest. `O(groups above x log)`, however many ways there are. Where it is not to be nested
    /// so, what lies further up does not reach it.
    #[inline(never)]
    pub(crate) fn ascend(&mut self, group: u32) -> Nesting {
        let mut nesting = Nesting::Sound;
        let mut found: Vec<(&str, Ascent)> = Vec::new();
        let Some(start) = self.group(group) else { return nesting };
        // The next one last.
        let mut open = vec![(
            (Stamp::default(), 0, start.id.as_str()),
            Ascent { groups: vec![group], links: Vec::new() },
        )];
        while let Some(((newest, length, top), ascent)) = open.pop() {
            let Err(place) = found.binary_search_by(|(known, _)| (*known).cmp(top)) else { continue };
            if found.len() > MOST_ABOVE {
                nesting = Nesting::TooHigh;
                break;
            }
            let parents = ascent.groups.last().and_then(|top| self.group(*top)).map(|top| &top.parents);
            for (parent, link) in parents.into_iter().flatten() {
                let Some(above) = self.group(*parent) else { continue };
                if *parent == group {
                    nesting = Nesting::Cycle(link.clone());
                }
                let mut next = ascent.clone();
                next.groups.push(*parent);
                next.links.push(link.clone());
                let key = (newest.max(link.made), length + 1, above.id.as_str());
                if let Err(place) = open.binary_search_by(|(known, _)| key.cmp(known)) {
                    open.insert(place, (key, next));
                }
            }
            found.insert(place, (top, ascent));
        }
        let mut reaching = Vec::new();
        for ascent in found.into_iter().map(|(_, ascent)| Arc::new(ascent)) {
            let newest = ascent.links.iter().map(|link| packed(link.made)).max().unwrap_or_default();
            let own = ascent.groups.last().and_then(|top| self.group(*top)).map(|top| &top.own);
            for held in own.into_iter().flatten() {
                reaching.push((Held { made: held.made.max(newest), ..held.clone() }, Arc::clone(&ascent)));
            }
        }
        if self.group(group).is_some_and(|known| known.reaching != reaching)
            && let Some(place) = self.group_mut(group)
        {
            reaching.shrink_to_fit();
            place.own.shrink_to_fit();
            place.reaching = reaching;
        }
        nesting
    }
}
