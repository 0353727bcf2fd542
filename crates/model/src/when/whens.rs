//! When subjects, roles and rows hold permissions and may do operations: the least fixed point of a decision, with
//! formulas for levels.

use std::collections::BTreeMap;

use super::When;
use crate::catalogue::PermissionHandle;
use crate::condition::{Facts, NOTHING_SAID};
use crate::decide::Request;
use crate::index::Index;
use crate::operation::{Need, Operation};
use crate::resource::ResourcePath;
use crate::rows::Row;
use crate::scale::Level;
use crate::subject::{Holding, Subject};

/// For some permissions, where each is held at each level above 0, or higher.
pub(crate) struct Whens {
    /// In order.
    of: Vec<PermissionHandle>,
    levels: Vec<Vec<When>>,
}

impl Whens {
    /// The least fixed point of a decision, with formulas for levels, for those permissions that lead
    /// to something: `granted` is given, and conditions read what is open in `facts` as attributes of
    /// `resource`.
    pub(crate) fn reach(
        state: &Index,
        of: Vec<PermissionHandle>,
        granted: impl Fn(PermissionHandle) -> Level,
        facts: &Facts<'_>,
        resource: Option<&str>,
    ) -> Self {
        let catalogue = state.catalogue();
        let nothing =
            |handle| vec![When::No; usize::from(catalogue.scale(handle).map_or(0, |it| it.top().0))];
        let mut levels: Vec<Vec<When>> = of.iter().copied().map(nothing).collect();
        let mut bounds = Bounds { of: &of, bounds: levels.clone(), open: Vec::new() };
        for handle in of.iter().copied().filter(|handle| state.is_present(*handle)) {
            let level = granted(handle);
            bounds.raise(handle, level, &When::Yes);
            if let Some(access) = catalogue.access_of(handle).filter(|_| level > Level::NONE) {
                bounds.raise(access, Level(1), &When::Yes);
            }
        }
        while let Some(place) = bounds.open.pop() {
            let known = of.get(place).and_then(|handle| Some((*handle, catalogue.permission(*handle)?)));
            let (Some((handle, permission)), Some(bound)) = (known, bounds.bounds.get(place)) else {
                continue;
            };
            // From the top down: a level is held where it, or a higher one, is within the bound and its
            // condition holds.
            let mut reached = When::No;
            let mut held = Vec::with_capacity(bound.len());
            for (detail, within) in permission.levels.iter().skip(1).zip(bound).rev() {
                let own = detail.condition.as_ref();
                let holds = own.map_or(When::Yes, |own| When::condition(own, facts, resource));
                reached = reached.or(within.clone().and(holds));
                held.push(reached.clone());
            }
            held.reverse();
            let Some(before) = levels.get_mut(place).filter(|before| **before != held) else { continue };
            before.clone_from(&held);
            for (detail, when) in permission.levels.iter().skip(1).zip(&held) {
                for (target, at) in detail.implies.iter().filter(|(target, _)| state.is_present(*target)) {
                    bounds.raise(*target, *at, when);
                }
            }
            if let Some((access, when)) = catalogue.access_of(handle).zip(held.first()) {
                bounds.raise(access, Level(1), when);
            }
        }
        Self { of, levels }
    }

    pub(crate) fn get(&self, permission: PermissionHandle, asked: Level) -> When {
        let levels = self.of.binary_search(&permission).ok().and_then(|place| self.levels.get(place));
        let place = usize::from(asked.0).checked_sub(1);
        levels.zip(place).and_then(|(levels, place)| levels.get(place)).cloned().unwrap_or(When::No)
    }
}

/// For each permission, where its bound is each level above 0, or higher; and those that were raised
/// since they were looked at, by position.
struct Bounds<'b> {
    of: &'b [PermissionHandle],
    bounds: Vec<Vec<When>>,
    open: Vec<usize>,
}

impl Bounds<'_> {
    fn raise(&mut self, permission: PermissionHandle, to: Level, when: &When) {
        let Ok(place) = self.of.binary_search(&permission) else { return };
        let bounds = self.bounds.get_mut(place).into_iter().flatten();
        let mut raised = false;
        for bound in bounds.take(usize::from(to.0)) {
            let before = std::mem::replace(bound, When::No);
            *bound = before.clone().or(when.clone());
            raised |= *bound != before;
        }
        if raised {
            self.open.push(place);
        }
    }
}

impl Operation {
    /// When one of its needs is dropped, as far as `open` says.
    pub(crate) fn when_dropped(&self, need: &Need, open: &Facts<'_>) -> When {
        let facts = Self::facts_of(need, open);
        let unless = need.unless.as_ref();
        unless.map_or(When::No, |unless| When::condition(unless, &facts, self.name_for(need)))
    }

    /// What a need sees of what is open: one on the tenant sees no resource's attributes.
    pub(crate) fn facts_of<'f>(need: &Need, open: &Facts<'f>) -> Facts<'f> {
        let resource = if need.resource.is_some() { open.resource } else { Some(&NOTHING_SAID.resource) };
        Facts { resource, ..*open }
    }

    /// The name of the resource that a need is about; none for the tenant.
    pub(crate) fn name_for(&self, need: &Need) -> Option<&str> {
        self.name_of(need.resource?)
    }
}

impl Index {
    /// When `subject` holds `permission` at `asked` or above on `resource`. The attributes of the
    /// resource, the action and the context are open, whatever the request says; the subject's are
    /// known. It is [`Index::level_of`] for all attributes at once. `O(holdings x permissions)` and
    /// the size of the formulas.
    #[must_use]
    pub fn when(
        &self,
        subject: &Subject,
        permission: PermissionHandle,
        asked: Level,
        resource: &ResourcePath,
        request: Request<'_>,
    ) -> When {
        let best = self.level_at_best(subject, permission, resource, request);
        if asked == Level::NONE || best < asked {
            return When::No;
        }
        if !self.catalogue().is_conditional(permission) {
            return When::Yes;
        }
        let facts = Facts::of_subject(&subject.id, &subject.attributes);
        let leading = self.leading_to(&[permission]);
        self.whens(leading, self.counting(subject, resource, request), &facts, None).get(permission, asked)
    }

    /// When whoever holds the role at that position at `/` holds `permission` at `asked` or above: the
    /// attributes of the subject are open too.
    #[must_use]
    pub fn when_of_role(&self, role: usize, permission: PermissionHandle, asked: Level) -> When {
        self.rows.plain(role).map_or(When::No, |row| self.when_of_row(row, permission, asked))
    }

    /// As [`Index::when_of_role`], for whoever holds what a row gives.
    pub(crate) fn when_of_row(&self, row: &Row, permission: PermissionHandle, asked: Level) -> When {
        let layout = &self.policy.layout;
        match layout.bit(permission, asked) {
            Some(bit) if row.reached.has(bit) => When::Yes,
            Some(bit) if row.reachable().has(bit) => {
                let granted = |handle| layout.level(&row.granted, handle);
                let leading = self.leading_to(&[permission]);
                Whens::reach(self, leading, granted, &Facts::OPEN, None).get(permission, asked)
            }
            _ => When::No,
        }
    }

    /// As [`Index::when_of_role`], for whoever holds the role at `scope`.
    pub(crate) fn when_of_role_at(
        &self,
        role: usize,
        scope: &ResourcePath,
        permission: PermissionHandle,
        asked: Level,
    ) -> When {
        let row = self.rows.at(&self.policy, role, scope);
        row.map_or(When::No, |row| self.when_of_row(&row, permission, asked))
    }

    /// When whoever holds what these rows give holds `permission` at each level above 0, in order.
    pub(crate) fn whens_of_rows(
        &self,
        rows: &[u32],
        permission: PermissionHandle,
        facts: &Facts<'_>,
    ) -> Vec<When> {
        let everything = rows.iter().any(|row| self.rows.get(*row).is_some_and(|row| row.superuser));
        let whens = match everything {
            true => self.everything(),
            false => {
                let granted = |handle| self.granted_by_rows(rows, handle);
                Whens::reach(self, self.leading_to(&[permission]), granted, facts, None)
            }
        };
        let top = self.catalogue().scale(permission).map_or(Level::NONE, |scale| scale.top());
        (1..=top.0).map(|level| whens.get(permission, Level(level))).collect()
    }

    /// When `subject` may do an operation on the named resources: [`Index::check`] for all attributes
    /// at once. [`When::No`] where the operation is not known.
    #[must_use]
    pub fn when_operation(
        &self,
        subject: &Subject,
        operation: &str,
        resources: &BTreeMap<String, String>,
        request: Request<'_>,
    ) -> When {
        let Some(operation) = self.catalogue().operation(operation) else { return When::No };
        let bound = self.bind(operation, |name| resources.get(name).map(String::as_str));
        let tenant = ResourcePath::tenant();
        let open = Facts::of_subject(&subject.id, &subject.attributes);
        self.when_needs(
            operation,
            &open,
            &|position| match position {
                None => Some((&tenant, None)),
                Some(position) => {
                    bound.get(position)?.as_ref().map(|path| (path, operation.name_of(position)))
                }
            },
            &|place, facts, name| {
                let counting = self
                    .counting(subject, place, request)
                    .filter(|_| subject.active && self.catalogue().is_place(place));
                self.whens(self.leading_to(&operation.permissions()), counting, facts, name)
            },
        )
    }

    /// When whoever holds the role at that position at `/` may do an operation on resources that there
    /// are: the attributes of the subject are open too.
    #[must_use]
    pub fn when_operation_of_role(&self, role: usize, operation: &Operation) -> When {
        let tenant = ResourcePath::tenant();
        self.when_needs(
            operation,
            &Facts::OPEN,
            &|position| Some((&tenant, position.and_then(|position| operation.name_of(position)))),
            &|_, facts, name| {
                if self.is_superuser(role) {
                    return self.everything();
                }
                let leading = self.leading_to(&operation.permissions());
                Whens::reach(self, leading, |handle| self.granted(role, handle), facts, name)
            },
        )
    }

    /// One of the alternatives, all of its needs: each held, or dropped. `at` gives a need's place and
    /// the name by which its attributes go; none is a resource that is missing.
    fn when_needs<'n>(
        &self,
        operation: &'n Operation,
        open: &Facts<'_>,
        at: &dyn Fn(Option<usize>) -> Option<(&'n ResourcePath, Option<&'n str>)>,
        whens: &dyn Fn(&ResourcePath, &Facts<'_>, Option<&str>) -> Whens,
    ) -> When {
        let mut known: BTreeMap<Option<usize>, Whens> = BTreeMap::new();
        let mut any = When::No;
        for needs in &operation.alternatives {
            let mut all = if needs.is_empty() { When::No } else { When::Yes };
            for need in needs {
                // A resource that is missing fails the need, dropped or not.
                let Some((place, name)) = at(need.resource) else {
                    all = When::No;
                    break;
                };
                let facts = Operation::facts_of(need, open);
                let whens = known.entry(need.resource).or_insert_with(|| whens(place, &facts, name));
                let held = whens.get(need.permission, need.asked);
                all = all.and(held.or(operation.when_dropped(need, open)));
            }
            any = any.or(all);
        }
        any
    }

    /// Where these permissions are held through these holdings: each that leads to one that is asked.
    pub(crate) fn whens<'s>(
        &self,
        of: Vec<PermissionHandle>,
        holdings: impl Iterator<Item = &'s Holding>,
        facts: &Facts<'_>,
        resource: Option<&str>,
    ) -> Whens {
        let holdings: Vec<&Holding> = holdings.collect();
        if holdings.iter().any(|holding| holding.row.superuser) {
            return self.everything();
        }
        let granted = |handle| {
            holdings.iter().map(|holding| self.granted_by(holding, handle)).max().unwrap_or_default()
        };
        Whens::reach(self, of, granted, facts, resource)
    }

    /// What a superuser holds: every level of what is there.
    fn everything(&self) -> Whens {
        let levels = |handle| {
            let top = self.catalogue().scale(handle).map_or(0, |scale| scale.top().0);
            let when = if self.is_present(handle) { When::Yes } else { When::No };
            vec![when; usize::from(top)]
        };
        let of: Vec<PermissionHandle> = self.catalogue().handles().collect();
        Whens { levels: of.iter().copied().map(levels).collect(), of }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::is;
    use super::*;
    use crate::State;
    use crate::condition::RequestAttributes;
    use crate::documents::Documents;
    use crate::policy::PolicyDocument;
    use crate::stamp::{Stamp, Timestamp};

    /// The same numbers for the same seed (splitmix64).
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end).unwrap()).unwrap()
        }

        fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
            texts[self.below(texts.len())]
        }

        fn condition(&mut self, depth: usize) -> Value {
            if depth > 0 && self.below(2) == 0 {
                let parts: Vec<_> = (0..1 + self.below(3)).map(|_| self.condition(depth - 1)).collect();
                return json!({ self.one_of(&["all", "any"]): parts });
            }
            let attribute =
                json!({ "attribute": self.one_of(&["resource.x", "action.x", "context.x", "subject.x"]) });
            let other = match self.below(3) {
                0 => json!({ "attribute": self.one_of(&["resource.x", "subject.x"]) }),
                _ => json!(self.one_of(&["a", "b"])),
            };
            json!({ self.one_of(&["eq", "eq", "ne"]): [attribute, other] })
        }

        /// An attribute `x` that is missing, `a` or `b`.
        fn attributes(&mut self) -> Value {
            match self.one_of(&["", "a", "b"]) {
                "" => json!({}),
                value => json!({ "x": value }),
            }
        }
    }

    const PERMISSIONS: [&str; 6] = ["one.p", "one.q", "one.r", "two.p", "two.q", "two.access"];

    /// A small product with conditions, implications and operations of every kind.
    fn policy(random: &mut Random) -> Value {
        let scales = [(); 3].map(|()| random.one_of(&["default", "three", "four"]));
        let levels = |scale: &str| match scale {
            "default" => vec!["allowed"],
            "three" => vec!["own", "all"],
            _ => vec!["low", "middle", "high"],
        };
        let scale_of = |id: &str| match id {
            "one.p" => scales[0],
            "one.q" => scales[1],
            "two.p" => scales[2],
            _ => "default",
        };
        let mut permission = |id: &str| {
            let mut details = serde_json::Map::new();
            for level in levels(scale_of(id)) {
                let mut detail = json!({});
                if random.below(2) == 0 {
                    detail["condition"] = random.condition(2);
                }
                let target = random.one_of(&PERMISSIONS);
                if random.below(2) == 0 && target != id {
                    let at = random.one_of(&levels(scale_of(target)));
                    detail["implies"] = json!({ target: at });
                }
                details.insert(level.to_owned(), detail);
            }
            json!({ "id": id, "scale": if scale_of(id) == "default" { Value::Null } else { json!(scale_of(id)) }, "levels": details })
        };
        let one: Vec<_> = PERMISSIONS[..3].iter().map(|id| permission(id)).collect();
        let two: Vec<_> = PERMISSIONS[3..5].iter().map(|id| permission(id)).collect();
        let mut grants = || {
            let mut grants = serde_json::Map::new();
            for id in PERMISSIONS {
                if random.below(3) == 0 {
                    grants.insert(id.to_owned(), json!(random.one_of(&levels(scale_of(id)))));
                }
            }
            grants
        };
        let (left, right) = (grants(), grants());
        let mut need = |unless: bool| {
            let id = random.one_of(&PERMISSIONS);
            let mut need = json!({ "permission": id, "level": random.one_of(&levels(scale_of(id))) });
            match random.below(3) {
                0 => {}
                1 => need["resource"] = json!("here"),
                _ => need["resource"] = json!("there"),
            }
            if unless {
                need["unless"] = random.condition(1);
            }
            need
        };
        let alternatives: Vec<_> =
            (0..2).map(|_| json!({ "needs": [need(false), need(true), need(true)] })).collect();
        json!({
            "format": 1,
            "name": "Random",
            "catalogue": {
                "scales": {
                    "three": { "levels": [{ "id": "none" }, { "id": "own" }, { "id": "all" }] },
                    "four": { "levels": [{ "id": "none" }, { "id": "low" }, { "id": "middle" }, { "id": "high" }] }
                },
                "modules": [{ "id": "one", "permissions": one }, { "id": "two", "access": {}, "permissions": two }],
                "resource_types": [{ "id": "place", "pattern": "places/{place}" }],
                "operations": [{ "id": "do", "resources": { "here": "places/{here}", "there": "places/{there}" },
                                 "alternatives": alternatives }]
            },
            "roles": [
                { "id": "root", "name": "Root", "superuser": true },
                { "id": "left", "name": "Left", "grants": left },
                { "id": "right", "name": "Right", "grants": right }
            ]
        })
    }

    fn state(random: &mut Random) -> State {
        let policy = PolicyDocument::from_json(&policy(random).to_string()).unwrap();
        let mut documents = Documents::of_policy(&policy);
        let user = json!({ "id": "ana", "status": "active", "attributes": random.attributes() });
        documents.directory.users =
            [("ana".to_owned(), serde_json::from_value(user).unwrap())].into_iter().collect();
        let assignment = |role: &str, scope: &str| {
            let document =
                json!({ "id": role, "principal": { "user": "ana" }, "role": role, "scope": scope });
            (role.to_owned(), serde_json::from_value(document).unwrap())
        };
        documents.directory.assignments =
            [assignment("left", "/"), assignment("right", "places/h")].into_iter().collect();
        State::build(documents, Stamp::default()).unwrap()
    }

    fn said(resource: Value, here: Value, there: Value, action: Value, context: Value) -> RequestAttributes {
        let document = json!({
            "resource": resource, "resources": { "here": here, "there": there }, "action": action, "context": context
        });
        serde_json::from_value(document).unwrap()
    }

    /// The formula, read with attributes, is the decision with these attributes.
    #[test]
    fn a_formula_says_for_all_attributes_what_decisions_say_of_each() {
        let mut conditional = 0;
        for seed in 0..60 {
            let mut random = Random(seed);
            let state = state(&mut random);
            let subject = state.subject("ana").unwrap();
            let now = Request::new(Timestamp(0));
            let requests: Vec<_> = (0..24)
                .map(|_| {
                    let [resource, here, there, action, context] = [(); 5].map(|()| random.attributes());
                    said(resource, here, there, action, context)
                })
                .collect();
            for place in ["/", "places/h", "places/t"] {
                let place = ResourcePath::parse(place).unwrap();
                for handle in state.catalogue().handles().take(7) {
                    for asked in 0..=3 {
                        let when = state.when(&subject, handle, Level(asked), &place, now);
                        conditional += usize::from(matches!(when, When::If(_)));
                        for request in &requests {
                            let level = state.level_of(&subject, handle, &place, now.with(request));
                            let id = state.catalogue().id(handle);
                            assert_eq!(
                                when.holds(&subject, request),
                                Some(asked > 0 && level >= Level(asked)),
                                "{seed}: {id} at {asked} on {place}: {:?}",
                                when.document()
                            );
                        }
                    }
                }
            }
            let resources = BTreeMap::from(
                [("here", "places/h"), ("there", "places/t")]
                    .map(|(name, path)| (name.to_owned(), path.to_owned())),
            );
            let missing = BTreeMap::from([("there".to_owned(), "places/t".to_owned())]);
            for resources in [&resources, &missing] {
                let when = state.when_operation(&subject, "do", resources, now);
                conditional += usize::from(matches!(when, When::If(_)));
                for request in &requests {
                    let decision = state.check(&subject, "do", resources, now.with(request));
                    // Attributes of a resource that is missing are not there.
                    assert_eq!(
                        when.holds(&subject, request),
                        Some(decision.allowed),
                        "{seed}: {:?}",
                        when.document()
                    );
                }
            }
        }
        assert!(conditional > 200, "{conditional} are too few");
    }

    #[test]
    fn an_answer_is_written_as_a_condition() {
        let level = |condition: &Value| json!({ "allowed": { "condition": condition } });
        let mine = json!({ "eq": [{ "attribute": "resource.owner" }, { "attribute": "subject.id" }] });
        let policy = json!({
            "format": 1, "name": "Written",
            "catalogue": {
                "modules": [{ "id": "docs", "permissions": [
                    { "id": "docs.read", "levels": level(&mine) }, { "id": "docs.print" }
                ] }],
                "resource_types": [{ "id": "doc", "pattern": "docs/{doc}" }],
                "operations": [{ "id": "merge", "resources": { "from": "docs/{from}", "to": "docs/{to}" },
                    "alternatives": [{ "needs": [
                        { "permission": "docs.read", "resource": "from" },
                        { "permission": "docs.print", "resource": "to", "unless": is("paperless") }
                    ] }] }]
            },
            "roles": [
                { "id": "root", "name": "Root", "superuser": true },
                { "id": "reader", "name": "Reader", "grants": { "docs.read": "allowed" } }
            ]
        });
        let policy = PolicyDocument::from_json(&policy.to_string()).unwrap();
        let mut documents = Documents::of_policy(&policy);
        documents.directory.users = ["ana", "off"]
            .map(|id| {
                let status = if id == "off" { "disabled" } else { "active" };
                (id.to_owned(), serde_json::from_value(json!({ "id": id, "status": status })).unwrap())
            })
            .into_iter()
            .collect();
        let everyone = json!({ "id": "a", "principal": "everyone", "role": "reader" });
        documents.directory.assignments =
            [("a".to_owned(), serde_json::from_value(everyone).unwrap())].into_iter().collect();
        let state = State::build(documents, Stamp::default()).unwrap();
        let written = |when: &When| serde_json::to_value(when.document()).unwrap();

        let (tenant, now) = (ResourcePath::tenant(), Request::new(Timestamp(0)));
        let read = state.catalogue().handle("docs.read").unwrap();
        let print = state.catalogue().handle("docs.print").unwrap();
        let of = |id: &str, permission| {
            written(&state.when(&state.subject(id).unwrap(), permission, Level(1), &tenant, now))
        };
        assert_eq!(of("ana", read), json!({ "if": { "eq": [{ "attribute": "resource.owner" }, "ana"] } }));
        assert_eq!(of("ana", print), "no");
        assert_eq!(of("off", read), "no");

        let role = |id: &str| state.policy().role_position(id).unwrap();
        assert_eq!(
            written(&state.when_of_role(role("reader"), read, Level(1))),
            json!({ "if": {
            "eq": [{ "attribute": "subject.id" }, { "attribute": "resource.owner" }]
        } })
        );
        assert_eq!(written(&state.when_of_role(role("root"), read, Level(1))), "yes");
        assert_eq!(written(&state.when_of_role(role("reader"), print, Level(1))), "no");

        let resources = BTreeMap::from(
            [("from", "docs/a"), ("to", "docs/b")].map(|(name, path)| (name.to_owned(), path.to_owned())),
        );
        let merge = state.when_operation(&state.subject("ana").unwrap(), "merge", &resources, now);
        let from = json!({ "eq": [{ "attribute": "resources.from.owner" }, "ana"] });
        assert_eq!(written(&merge), json!({ "if": { "all": [is("paperless"), from] } }));
        assert_eq!(state.when_operation(&state.subject("off").unwrap(), "merge", &resources, now), When::No);
        assert_eq!(state.when_operation(&state.subject("ana").unwrap(), "none", &resources, now), When::No);
        let operation = state.catalogue().operation("merge").unwrap();
        assert_eq!(state.when_operation_of_role(role("root"), operation), When::Yes);
        assert_eq!(
            written(&state.when_operation_of_role(role("reader"), operation)),
            json!({ "if": { "all": [
            is("paperless"), { "eq": [{ "attribute": "subject.id" }, { "attribute": "resources.from.owner" }] }
        ] } })
        );
    }
}
