//! The least that an answer costs on this machine: right answers, worked out beforehand, read from a plain table. No policy,
//! place, time or condition is looked at, so nothing that decides can be faster; how it grows is how memory does.

use std::collections::HashMap;

use crate::measure::{figure, nanoseconds};
use crate::world::{Question, World};

/// Prints the figures of one world, `case`, for the same questions at the tenant that Rolewright is asked.
pub fn figures(world: &World, case: &str, asked: &[Question]) {
    let words = world.size.permissions.div_ceil(64);
    let mut table = vec![0_u64; world.users.len() * words];
    for question in asked.iter().filter(|question| question.allowed) {
        table[question.user * words + question.permission / 64] |= 1 << (question.permission % 64);
    }
    let look = |user: usize, permission: usize| {
        table.get(user * words + permission / 64).is_some_and(|word| word >> (permission % 64) & 1 == 1)
    };
    let time = nanoseconds(
        asked,
        100_000,
        |question| question.allowed,
        |question| look(question.user, question.permission),
    );
    figure(&format!("{case}/plain table, by position"), time, "ns");

    let users: HashMap<String, usize> = world.users.iter().cloned().zip(0..).collect();
    let permissions: HashMap<String, usize> =
        (0..world.size.permissions).map(|position| (world.permission(position), position)).collect();
    let named = asked.iter().map(|question| {
        (world.users[question.user].clone(), world.permission(question.permission), question.allowed)
    });
    let time = nanoseconds(
        &named.collect::<Vec<_>>(),
        10_000,
        |(.., allowed)| *allowed,
        |(user, permission, _)| {
            let (user, permission) = (users.get(user), permissions.get(permission));
            user.zip(permission).is_some_and(|(user, permission)| look(*user, *permission))
        },
    );
    figure(&format!("{case}/plain table, by name"), time, "ns");
}
