//! From the catalogue's document to the validated [`Catalogue`].

use std::collections::BTreeSet;

use super::{
    Catalogue, CatalogueDocument, LevelDetail, MOST_LEVELS, Module, ModuleDocument, Permission,
    PermissionDocument, PermissionHandle, Section, is_slug,
};
use crate::condition::{Attribute, Condition};
use crate::console;
use crate::operation::Operation;
use crate::problem::{Path, Problems};
use crate::resource::ResourceType;
use crate::scale::{Level, Scale, ScaleDocument, ScaleLevel, UiState};
use crate::sorted;

impl Catalogue {
    /// Validates a catalogue and adds Rolewright's own modules. `O(size of the document)`.
    pub(crate) fn build(document: &CatalogueDocument, path: &Path<'_>, problems: &mut Problems) -> Self {
        let mut catalogue = Self::of(vec![default_scale()]);
        let scales_at = path.key("scales");
        for (id, scale) in &document.scales {
            catalogue.add_scale(id, scale, &scales_at.key(id), problems);
        }
        let modules_at = path.key("modules");
        for (position, module) in document.modules.iter().enumerate() {
            let at = modules_at.item(position);
            if module.console {
                match console::place(module, &at, problems) {
                    Some(placed) => catalogue.add_module(&placed, &at, problems),
                    None => problems.add(&at.key("id"), unknown_console_module(&module.id)),
                }
            } else if console::is_reserved(&module.id) {
                let message = format!(
                    "the module id `{}` is Rolewright's own: mark the module `\"console\": true` to place it, or choose another id",
                    module.id
                );
                problems.add(&at.key("id"), message);
            } else {
                catalogue.add_module(module, &at, problems);
            }
        }
        for module in console::modules() {
            if !catalogue.modules.iter().any(|placed| placed.id == module.id) {
                catalogue.add_module(&module, &modules_at, problems);
            }
        }
        catalogue.add_implications(document, path, problems);
        catalogue.add_resource_types(document, path, problems);
        let operations_at = path.key("operations");
        for (position, operation) in document.operations.iter().enumerate() {
            let at = operations_at.item(position);
            if document.operations.iter().take(position).any(|other| other.id == operation.id) {
                problems.add(&at.key("id"), twice("operation", &operation.id));
            }
            if let Some(operation) = Operation::build(operation, &catalogue, &at, problems) {
                catalogue.operations.push(operation);
            }
        }
        catalogue.finish();
        catalogue
    }

    /// Works out what follows from the whole: what hangs on conditions, and what those read.
    #[inline(never)]
    pub(crate) fn finish(&mut self) {
        self.conditional = self.follow_conditions();
        let mut reads = Vec::new();
        for name in self.conditions().flat_map(Condition::attributes).filter_map(Attribute::of_subject) {
            sorted::insert(&mut reads, name.to_owned());
        }
        self.reads = reads;
    }

    /// For each permission, whether its level depends on a condition: it has one, or something that
    /// has one brings it.
    #[inline(never)]
    fn follow_conditions(&self) -> Vec<bool> {
        let own = |permission: &Permission| permission.levels.iter().any(|level| level.condition.is_some());
        let mut conditional: Vec<bool> = self.permissions.iter().map(own).collect();
        let conditional_handles = self.handles().zip(&conditional).filter(|(_, own)| **own);
        let mut open: Vec<PermissionHandle> = conditional_handles.map(|(handle, _)| handle).collect();
        while let Some(handle) = open.pop() {
            let levels = self.permission(handle).into_iter().flat_map(|permission| &permission.levels);
            let implied = levels.flat_map(|level| level.implies.iter().map(|(target, _)| *target));
            for target in implied.chain(self.access_of(handle)) {
                if let Some(known) = conditional.get_mut(target.0 as usize).filter(|known| !**known) {
                    *known = true;
                    open.push(target);
                }
            }
        }
        conditional
    }

    /// Every condition of a level or of a need.
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let levels = self.permissions.iter().flat_map(|permission| &permission.levels);
        let needs = self.operations.iter().flat_map(|operation| operation.alternatives.iter().flatten());
        let of_levels = levels.filter_map(|level| level.condition.as_ref());
        of_levels.chain(needs.filter_map(|need| need.unless.as_ref()))
    }

    fn add_scale(&mut self, id: &str, scale: &ScaleDocument, at: &Path<'_>, problems: &mut Problems) {
        if id == "default" {
            problems.add(at, "the scale `default` is `none < allowed` everywhere: choose another id");
        }
        if !is_slug(id) {
            problems.add(at, not_a_slug(id));
        }
        let levels_at = at.key("levels");
        if !(2..=MOST_LEVELS).contains(&scale.levels.len()) {
            problems
                .add(&levels_at, format!("a scale has 2 to {MOST_LEVELS} levels, the first of them nothing"));
        }
        for (position, level) in scale.levels.iter().enumerate() {
            let id_at = levels_at.item(position);
            if !is_slug(&level.id) {
                problems.add(&id_at.key("id"), not_a_slug(&level.id));
            }
            if scale.levels.iter().take(position).any(|other| other.id == level.id) {
                problems.add(&id_at.key("id"), twice("level", &level.id));
            }
        }
        let top = scale.levels.len().saturating_sub(1);
        let can = match &scale.can {
            None => top,
            Some(can) => match scale.levels.iter().position(|level| level.id == *can) {
                Some(position) if position > 0 => position,
                Some(_) => {
                    problems.add(&at.key("can"), "level 0 is nothing: name a higher level");
                    top
                }
                None => {
                    problems.add(&at.key("can"), format!("there is no level `{can}` on this scale"));
                    top
                }
            },
        };
        let levels = scale.levels.iter().enumerate().map(|(position, level)| ScaleLevel {
            id: level.id.clone(),
            label: if level.label.is_empty() { level.id.clone() } else { level.label.clone() },
            ui: level.ui.unwrap_or(match position {
                0 => UiState::Hidden,
                _ if position >= can => UiState::Enabled,
                _ => UiState::ReadOnly,
            }),
        });
        self.scales.push(Scale {
            id: id.to_owned(),
            levels: levels.take(MOST_LEVELS).collect(),
            can: Level(u8::try_from(can).unwrap_or(u8::MAX)),
        });
    }

    fn add_module(&mut self, document: &ModuleDocument, at: &Path<'_>, problems: &mut Problems) {
        if !is_slug(&document.id) {
            problems.add(&at.key("id"), not_a_slug(&document.id));
        }
        if self.modules.iter().any(|module| module.id == document.id) {
            problems.add(&at.key("id"), twice("module", &document.id));
        }
        let position = self.modules.len();
        let access = document.access.as_ref().and_then(|access| {
            let permission = PermissionDocument {
                id: format!("{}.access", document.id),
                label: if access.label.is_empty() { "Access".to_owned() } else { access.label.clone() },
                description: access.description.clone(),
                kind: super::PermissionKind::Feature,
                ..PermissionDocument::default()
            };
            self.add_permission(&permission, (&document.id, position), true, &at.key("access"), problems)
        });
        let mut sections = Vec::new();
        let permissions_at = at.key("permissions");
        let list = |catalogue: &mut Self,
                    permissions: &[PermissionDocument],
                    at: &Path<'_>,
                    problems: &mut Problems| {
            permissions
                .iter()
                .enumerate()
                .filter_map(|(item, permission)| {
                    catalogue.add_permission(
                        permission,
                        (&document.id, position),
                        false,
                        &at.item(item),
                        problems,
                    )
                })
                .collect::<Vec<_>>()
        };
        if !document.permissions.is_empty() {
            let permissions = list(self, &document.permissions, &permissions_at, problems);
            sections.push(Section { id: String::new(), label: String::new(), permissions });
        }
        let sections_at = at.key("sections");
        let mut seen = BTreeSet::new();
        for (item, section) in document.sections.iter().enumerate() {
            let section_at = sections_at.item(item);
            if !is_slug(&section.id) {
                problems.add(&section_at.key("id"), not_a_slug(&section.id));
            }
            if !seen.insert(&section.id) {
                problems.add(&section_at.key("id"), twice("section", &section.id));
            }
            let permissions = list(self, &section.permissions, &section_at.key("permissions"), problems);
            sections.push(Section { id: section.id.clone(), label: section.label.clone(), permissions });
        }
        self.modules.push(Module {
            id: document.id.clone(),
            label: document.label.clone(),
            description: document.description.clone(),
            console: document.console,
            requires: document.requires.clone(),
            access,
            sections,
        });
    }

    fn add_permission(
        &mut self,
        document: &PermissionDocument,
        (owner, module): (&str, usize),
        is_access: bool,
        at: &Path<'_>,
        problems: &mut Problems,
    ) -> Option<PermissionHandle> {
        let handle = PermissionHandle(u32::try_from(self.permissions.len()).ok()?);
        let well_formed =
            document.id.split_once('.').is_some_and(|(prefix, name)| prefix == owner && is_slug(name));
        if !well_formed {
            let message = format!(
                "`{}` is not a permission id: write the module's id, a dot and a slug, as in `{owner}.run`",
                document.id
            );
            problems.add(&at.key("id"), message);
        } else if !is_access && document.id.ends_with(".access") {
            let message = format!(
                "`{}` is the id of an access permission: declare `access` on the module instead",
                document.id
            );
            problems.add(&at.key("id"), message);
        }
        if self.handles.insert(document.id.clone(), handle).is_some() {
            problems.add(&at.key("id"), twice("permission", &document.id));
            return None;
        }
        let scale_id = document.scale.as_deref().unwrap_or("default");
        let scale = self.scales.iter().position(|scale| scale.id == scale_id).unwrap_or_else(|| {
            problems.add(&at.key("scale"), format!("there is no scale `{scale_id}` in this catalogue"));
            0
        });
        let levels = self.scales.get(scale).map_or_else(Vec::new, |scale| {
            let levels_at = at.key("levels");
            for id in document.levels.keys().filter(|id| scale.level(id).is_none()) {
                problems
                    .add(&levels_at.key(id), format!("there is no level `{id}` on the scale `{scale_id}`"));
            }
            let mut detail = |(position, level): (usize, &ScaleLevel)| {
                let Some(detail) = document.levels.get(&level.id) else { return LevelDetail::default() };
                let level_at = levels_at.key(&level.id);
                let condition_at = level_at.key("condition");
                if position == 0 && detail.condition.is_some() {
                    problems.add(
                        &condition_at,
                        "level 0 is nothing and always holds: put this on a higher level",
                    );
                }
                LevelDetail {
                    description: detail.description.clone(),
                    implies: Vec::new(),
                    ui: detail.ui,
                    condition: detail
                        .condition
                        .as_ref()
                        .and_then(|condition| condition.build(&condition_at, problems)),
                }
            };
            scale.levels.iter().enumerate().map(&mut detail).collect()
        });
        self.permissions.push(Permission {
            id: document.id.clone(),
            label: document.label.clone(),
            description: document.description.clone(),
            kind: document.kind,
            scale,
            audience: document.audience,
            only: document.only,
            module,
            is_access,
            levels,
            help: document.help.clone(),
        });
        Some(handle)
    }

    /// Implications name permissions that may stand later, so they are resolved in a second pass.
    fn add_implications(&mut self, document: &CatalogueDocument, path: &Path<'_>, problems: &mut Problems) {
        let modules_at = path.key("modules");
        for (position, module) in document.modules.iter().enumerate() {
            let module_at = modules_at.item(position);
            let permissions_at = module_at.key("permissions");
            let sections_at = module_at.key("sections");
            for (item, permission) in module.permissions.iter().enumerate() {
                self.add_implications_of(permission, &permissions_at.item(item), problems);
            }
            for (item, section) in module.sections.iter().enumerate() {
                let section_at = sections_at.item(item);
                let permissions_at = section_at.key("permissions");
                for (item, permission) in section.permissions.iter().enumerate() {
                    self.add_implications_of(permission, &permissions_at.item(item), problems);
                }
            }
        }
    }

    fn add_implications_of(&mut self, document: &PermissionDocument, at: &Path<'_>, problems: &mut Problems) {
        let levels_at = at.key("levels");
        for (level_id, detail) in document.levels.iter().filter(|(_, detail)| !detail.implies.is_empty()) {
            let level_at = levels_at.key(level_id);
            let implies_at = level_at.key("implies");
            let Some(handle) = self.handle(&document.id) else { continue };
            let Some(level) = self.scale(handle).and_then(|scale| scale.level(level_id)) else { continue };
            if level == Level::NONE {
                problems
                    .add(&implies_at, "level 0 is nothing and brings nothing: put this on a higher level");
                continue;
            }
            let mut implied = Vec::new();
            for (target, target_level) in &detail.implies {
                let at = implies_at.key(target);
                match self.grant(target, target_level) {
                    Ok((_, Level::NONE)) => problems.add(&at, "level 0 is nothing: name a higher level"),
                    Ok((known, _)) if self.module(known).is_some_and(|module| module.console) => problems.add(
                        &at,
                        format!("`{target}` is Rolewright's own: roles grant it, nothing of the product brings it"),
                    ),
                    Ok(pair) => implied.push(pair),
                    Err(message) => problems.add(&at, message),
                }
            }
            let details =
                self.permissions.get_mut(handle.0 as usize).map(|permission| &mut permission.levels);
            if let Some(detail) = details.and_then(|levels| levels.get_mut(usize::from(level.0))) {
                detail.implies = implied;
            }
        }
    }

    fn add_resource_types(&mut self, document: &CatalogueDocument, path: &Path<'_>, problems: &mut Problems) {
        let types_at = path.key("resource_types");
        for (position, kind) in document.resource_types.iter().enumerate() {
            let at = types_at.item(position);
            if !is_slug(&kind.id) {
                problems.add(&at.key("id"), not_a_slug(&kind.id));
            }
            if self.resource_types.iter().any(|other| other.id == kind.id) {
                problems.add(&at.key("id"), twice("resource type", &kind.id));
            }
            match ResourceType::parse(kind) {
                Ok(kind) => self.resource_types.push(kind),
                Err(message) => problems.add(&at.key("pattern"), message),
            }
        }
    }

    /// The permission and level of those names, or what is wrong with them.
    pub(crate) fn grant(&self, permission: &str, level: &str) -> Result<(PermissionHandle, Level), String> {
        let Some(handle) = self.handle(permission) else {
            return Err(format!("there is no permission `{permission}` in the catalogue"));
        };
        match self.scale(handle).and_then(|scale| scale.level(level)) {
            Some(level) => Ok((handle, level)),
            None => {
                let levels = self.scale(handle).map(|scale| {
                    scale.levels.iter().map(|level| format!("`{}`", level.id)).collect::<Vec<_>>().join(", ")
                });
                Err(format!(
                    "`{permission}` has no level `{level}`: choose one of {}",
                    levels.unwrap_or_default()
                ))
            }
        }
    }
}

fn default_scale() -> Scale {
    let level = |id: &str, label: &str, ui| ScaleLevel { id: id.to_owned(), label: label.to_owned(), ui };
    Scale {
        id: "default".to_owned(),
        levels: vec![
            level("none", "Not allowed", UiState::Hidden),
            level("allowed", "Allowed", UiState::Enabled),
        ],
        can: Level(1),
    }
}

fn not_a_slug(id: &str) -> String {
    format!(
        "`{id}` is not an id: a lower-case letter, then lower-case letters, digits, `_` or `-`, 64 at most"
    )
}

fn twice(what: &str, id: &str) -> String {
    format!("the {what} `{id}` stands here twice: ids are unique")
}

fn unknown_console_module(id: &str) -> String {
    let known: Vec<_> = console::modules().iter().map(|module| format!("`{}`", module.id)).collect();
    format!("`{id}` is not one of Rolewright's own modules, which are {}", known.join(", "))
}
