// Policies of the sizes that are measured, the same on every run.

/** How many permissions a module has. */
const MODULE = 20;
const LEVELS = { levels: [{ id: "no", label: "No" }, { id: "read_only", label: "Read-Only" }, { id: "yes", label: "Yes" }] };

/** Makes a policy one of so many permissions and of so many roles beside the superuser and the base role, each with a third of them. */
export function wide({ permissions, roles }) {
  return (policy) => {
    const modules = Array.from({ length: permissions / MODULE }, (_, at) => ({
      id: `area_${at}`,
      label: `Area ${at}`,
      description: `What may be done in area ${at}`,
      permissions: Array.from({ length: MODULE }, (_, n) => permission(at, n)),
    }));
    const all = modules.flatMap((module) => module.permissions);
    const granted = (role) =>
      Object.fromEntries(all.filter((_, at) => (at * 7 + role) % 3 === 0).map(({ id, scale }) => [id, scale ? "read_only" : "allowed"]));
    policy.catalogue = { scales: { access: LEVELS }, modules };
    policy.packages = [];
    policy.tests = [];
    policy.roles = [
      { id: "superuser", name: "Superuser", kind: "built_in", superuser: true },
      { id: "base", name: "User default", kind: "built_in", base: true, grants: { [all[0].id]: "allowed" } },
      ...Array.from({ length: roles }, (_, n) => ({ id: `role_${n}`, name: `Role ${n}`, grants: granted(n) })),
    ];
  };
}

/** Of twenty, two have three levels, and two bring the one before them. */
function permission(module, n) {
  const id = `area_${module}.item_${n}`;
  const said = { id, label: `Item ${n}`, description: `Use item ${n} of area ${module}` };
  if (n % 10 === 9) return { ...said, scale: "access" };
  if (n % 7 === 6) return { ...said, levels: { allowed: { implies: { [`area_${module}.item_${n - 1}`]: "allowed" } } } };
  return said;
}
