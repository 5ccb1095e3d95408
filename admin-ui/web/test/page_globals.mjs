// The little of a page that the router looks at.
globalThis.location = { pathname: "/console/topics/a%2Fb", search: "?q=x", origin: "http://localhost", href: "http://localhost/console/topics/a%2Fb?q=x" };
globalThis.document = { baseURI: "http://localhost/console/" };
globalThis.window = { addEventListener: () => {}, scrollTo: () => {}, matchMedia: () => ({ matches: false, addEventListener: () => {} }) };
const stored = new Map();
globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, text) => stored.set(key, text) };
globalThis.history = {
  replaceState: (_, __, to) => Object.assign(globalThis.location, split(to)),
  pushState: (_, __, to) => Object.assign(globalThis.location, split(to)),
};
function split(to) {
  const at = to.indexOf("?");
  return at < 0 ? { pathname: to, search: "" } : { pathname: to.slice(0, at), search: to.slice(at) };
}
