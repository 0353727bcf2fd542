// Shows the server's own description of its API, /api/v1/openapi.json. Nothing is built from text but nodes of text.

const METHODS = ["get", "post", "put", "patch", "delete"];
const main = document.querySelector("main");
const state = document.querySelector("#state");
const contents = document.querySelector("#contents");
const filter = document.querySelector("#filter");

/** An element with attributes and children; a text is a node of text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

/** Paragraphs, with `code` between backticks. */
function prose(text) {
  return (text ?? "").split(/\n\s*\n/).filter(Boolean).map((paragraph) => make("p", {}, ...inline(paragraph)));
}

function inline(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

let components = {};

/** What is described, also where that is once for many: `#/components/KIND/NAME`. */
function resolved(one) {
  const [kind, name] = one.$ref?.split("/").slice(-2) ?? [];
  return name === undefined ? one : components[kind]?.[name] ?? {};
}

const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
const schemaId = (name) => `schema-${slug(name)}`;

/** What a schema is, in a line, as nodes; schemas with a name are links. */
function type(schema) {
  if (schema === true || schema === undefined || Object.keys(schema).length === 0) return ["anything"];
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    return [make("a", { href: `#${schemaId(name)}` }, name)];
  }
  if (schema.const !== undefined) return [make("code", {}, JSON.stringify(schema.const))];
  if (schema.enum) return join(schema.enum.map((value) => [make("code", {}, JSON.stringify(value))]), " | ");
  for (const [key, between] of [["oneOf", " | "], ["anyOf", " | "], ["allOf", " & "]]) {
    if (schema[key]) return join(schema[key].map(type), between);
  }
  const types = [schema.type ?? "anything"].flat();
  return join(types.map((one) => {
    if (one === "array") return ["list of ", ...type(schema.items)];
    if (one === "object" && schema.additionalProperties && !schema.properties)
      return ["map of ", ...type(schema.additionalProperties)];
    return [schema.format && one !== "object" ? `${one} (${schema.format})` : one];
  }), " | ");
}

function join(lists, between) {
  return lists.flatMap((list, index) => (index ? [between, ...list] : list));
}

/** The fields of a schema, each with what it is; nested objects without a name below their field. */
function fields(schema) {
  const parts = [];
  const all = [schema, ...(schema.allOf ?? [])].filter((one) => one.properties);
  for (const one of all) {
    const rows = Object.entries(one.properties).map(([name, field]) => make("div", { class: "field" },
      make("dt", {}, make("code", {}, name), (one.required ?? []).includes(name) ? make("span", { class: "needed" }, "required") : null),
      make("dd", {}, make("span", { class: "type" }, ...type(field)), ...prose(field.description), ...fields(unnamed(field)))));
    parts.push(make("dl", {}, ...rows));
  }
  for (const key of ["oneOf", "anyOf"]) {
    const kinds = (schema[key] ?? []).filter((one) => one.properties || one.allOf || one.description);
    if (kinds.length) parts.push(make("ul", { class: "kinds" }, ...kinds.map((one) =>
      make("li", {}, ...prose(one.description), one.properties || one.allOf ? null : make("span", { class: "type" }, ...type(one)), ...fields(one)))));
  }
  return parts;
}

const unnamed = (field) => (field.type === "array" || [field.type].flat().includes("array") ? field.items ?? {} : field);

function body(content) {
  return Object.entries(content ?? {}).map(([media, { schema }]) => make("div", { class: "body" },
    make("p", {}, make("code", {}, media), " ", make("span", { class: "type" }, ...type(schema ?? {}))),
    ...(schema && !schema.$ref ? fields(schema) : [])));
}

function parameters(list) {
  if (!list?.length) return [];
  return [make("h4", {}, "Parameters"), make("dl", {}, ...list.map(resolved).map((one) => make("div", { class: "field" },
    make("dt", {}, make("code", {}, one.name), make("span", { class: "where" }, one.in), one.required ? make("span", { class: "needed" }, "required") : null),
    make("dd", {}, make("span", { class: "type" }, ...type(one.schema ?? {})), ...prose(one.description)))))];
}

const headerId = (name) => `header-${slug(name)}`;

/** The headers of an answer by name, as links to what each says. */
function headers(all) {
  const names = Object.keys(all ?? {}).map((name) => [make("a", { href: `#${headerId(name)}` }, name)]);
  return names.length ? [make("p", { class: "type" }, "with ", ...join(names, ", "))] : [];
}

function responses(all) {
  const rows = Object.entries(all ?? {}).map(([status, one]) => [status, resolved(one)]).map(([status, response]) => make("div", { class: "field" },
    make("dt", {}, make("code", {}, status)),
    make("dd", {}, ...prose(response.description), ...body(response.content), ...headers(response.headers))));
  return [make("h4", {}, "Answers"), make("dl", {}, ...rows)];
}

/** A path that a line may end in after each slash. */
function breakable(path) {
  return path.split("/").flatMap((part, index) => (index ? ["/", make("wbr"), part] : [part]));
}

function operation(path, method, one, isOpen) {
  const id = `${method}-${slug(path)}`;
  const [summary, ...rest] = [one.summary ?? "", one.description ?? ""].filter(Boolean).join("\n\n").split("\n\n");
  const details = make("details", { id, class: "operation" },
    make("summary", {},
      make("span", { class: `method ${method}` }, method.toUpperCase()),
      make("code", { class: "path" }, ...breakable(path)),
      make("span", { class: "about" }, ...inline(summary))),
    make("div", { class: "inside" },
      ...prose(rest.join("\n\n")),
      isOpen ? make("p", { class: "open" }, "Anybody may ask.") : null,
      ...parameters(one.parameters),
      ...(one.requestBody ? [make("h4", {}, "Body"), ...body(one.requestBody.content)] : []),
      ...responses(one.responses)));
  const link = make("a", { href: `#${id}` }, make("span", { class: `method ${method}` }, method.toUpperCase()), make("span", { class: "short" }, ...breakable(path.replace("/api/v1/tenants/{tenant}", ""))));
  link.dataset.text = details.dataset.text = `${method} ${path} ${summary}`.toLowerCase();
  return { details, link };
}

function show(api) {
  components = api.components ?? {};
  document.title = `${api.info.title} API ${api.info.version}`;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((method) => item[method])) {
      const one = item[method];
      const isOpen = (one.security ?? api.security ?? []).some((way) => Object.keys(way).length === 0);
      const tag = one.tags?.[0] ?? "Other";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, one, isOpen));
    }
  }
  const schemes = Object.entries(api.components?.securitySchemes ?? {}).map(([name, scheme]) => make("li", {},
    make("strong", {}, name), ": ", scheme.type === "apiKey" ? ["the cookie ", make("code", {}, scheme.name)] : ["the header ", make("code", {}, `Authorization: Bearer ${scheme.bearerFormat ?? "..."}`)]));
  main.append(make("h1", {}, `${api.info.title} API `, make("span", { class: "version" }, api.info.version)), ...prose(api.info.description),
    make("p", {}, "Who asks is told by one of"), make("ul", {}, ...schemes),
    make("p", {}, "The description as it is read here: ", make("a", { href: "/api/v1/openapi.json" }, "openapi.json"), "."));
  for (const [tag, all] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    const about = api.tags?.find(({ name }) => name === tag)?.description;
    main.append(make("section", { id: slug(tag) }, make("h2", {}, tag), ...prose(about), ...all.map(({ details }) => details)));
    contents.append(make("section", {}, make("h2", {}, make("a", { href: `#${slug(tag)}` }, tag)), ...all.map(({ link }) => link)));
  }
  const carried = Object.entries(components.headers ?? {});
  main.append(make("section", { id: "headers" }, make("h2", {}, "Headers of answers"), make("dl", {}, ...carried.map(([name, header]) =>
    make("div", { class: "field", id: headerId(name) }, make("dt", {}, make("code", {}, name)), make("dd", {}, ...prose(header.description)))))));
  contents.append(make("section", {}, make("h2", {}, make("a", { href: "#headers" }, "Headers of answers"))));
  const schemas = Object.entries(components.schemas ?? {}).sort(([a], [b]) => a.localeCompare(b));
  main.append(make("section", { id: "schemas" }, make("h2", {}, "Schemas"), ...schemas.map(([name, schema]) =>
    make("details", { id: schemaId(name), class: "schema" }, make("summary", {}, make("code", {}, name)),
      make("div", { class: "inside" }, ...prose(schema.description), schema.properties ? null : make("p", { class: "type" }, ...type(schema)), ...fields(schema))))));
  contents.append(make("section", {}, make("h2", {}, make("a", { href: "#schemas" }, "Schemas"))));
}

/** Opens what the address names. */
function open() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) named.open = true;
  named?.scrollIntoView();
}

filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const one of document.querySelectorAll("[data-text]")) one.hidden = !words.every((word) => one.dataset.text.includes(word));
  for (const section of document.querySelectorAll("#contents section, main section"))
    section.hidden = words.length > 0 && !section.querySelector("[data-text]:not([hidden])");
});
addEventListener("hashchange", open);

try {
  const answer = await fetch("/api/v1/openapi.json");
  if (!answer.ok) throw new Error(`it answers ${answer.status}`);
  show(await answer.json());
  state.remove();
  open();
} catch (error) {
  state.textContent = `The description cannot be read: ${error.message}. Load the page again.`;
}
