// What each route of the product needs.

/** The routes as people read them: a method, a path, and the permission that is asked for. */
const TABLE = `
  GET     /reports                      reports.view
  POST    /reports                      reports.manage
  GET     /reports/:report              reports.view
  PUT     /reports/:report              reports.manage
  DELETE  /reports/:report              reports.manage
  POST    /reports/:report/run          reports.run
  GET     /templates                    templates.view
  POST    /templates                    templates.manage
  GET     /templates/:template          templates.view
  PUT     /templates/:template          templates.manage
  DELETE  /templates/:template          templates.manage
  GET     /alerts                       alerts.view
  POST    /alerts                       alerts.manage
  GET     /alerts/:alert                alerts.view
  PUT     /alerts/:alert                alerts.manage
  DELETE  /alerts/:alert                alerts.manage
  GET     /recipients                   recipients.view
  POST    /recipients                   recipients.manage
  PUT     /recipients/:recipient        recipients.manage
  DELETE  /recipients/:recipient        recipients.manage
  GET     /destinations                 data_destinations.view
  POST    /destinations                 data_destinations.manage
  PUT     /destinations/:destination    data_destinations.manage
  DELETE  /destinations/:destination    data_destinations.manage
  GET     /qlik/connections             qlik.view
  POST    /qlik/connections             qlik.manage
  PUT     /qlik/connections/:connection qlik.manage
  DELETE  /qlik/connections/:connection qlik.manage
  POST    /qlik/sign-on                 qlik.sso
  GET     /users                        users.manage
  POST    /users                        users.manage
  GET     /users/:user                  users.manage
  PUT     /users/:user                  users.manage
  DELETE  /users/:user                  users.manage
  PUT     /users/:user/roles            users.assign_roles
  GET     /roles                        roles.view
  PUT     /roles/:role                  roles.manage
  GET     /api-keys                     api_keys.view
  POST    /api-keys                     api_keys.manage
  DELETE  /api-keys/:key                api_keys.manage
  GET     /settings/mail                mail.view
  PUT     /settings/mail                mail.manage
  GET     /settings/engine              engine_settings.view
  PUT     /settings/engine              engine_settings.manage
  GET     /settings/license             licensing.view
  PUT     /settings/license             licensing.manage
  GET     /logs                         logs.view
  GET     /backups                      backup.view
  PUT     /backups/schedule             backup.manage
  POST    /backups/run                  backup.run
`;

const ROUTES = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [method, pathname, permission] = line.trim().split(/\s+/);
    return { method, pattern: new URLPattern({ pathname }), permission };
  });

/**
 * The route of a request: what it needs, and its variables, each decoded once and never again. Else the methods that the
 * path does take; none where there is no such path. `undefined` where a variable is not properly encoded.
 *
 * @param {string} method
 * @param {string} url
 */
export function route(method, url) {
  const { pathname } = new URL(url);
  const found = ROUTES.flatMap(({ pattern, ...route }) => {
    const match = pattern.exec({ pathname });
    return match === null ? [] : [{ ...route, groups: match.pathname.groups }];
  });
  const chosen = found.find((route) => route.method === (method === "HEAD" ? "GET" : method));
  if (chosen === undefined) return { methods: found.map((route) => route.method) };
  try {
    const variables = Object.entries(chosen.groups).map(([name, value]) => [name, decodeURIComponent(value)]);
    return { permission: chosen.permission, variables: Object.fromEntries(variables) };
  } catch {
    return undefined;
  }
}
