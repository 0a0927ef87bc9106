/** The route: the hash of the address as a path and a query. */

/**
 * @param {string} hash Such as `#/runs/job_1?tab=weights`.
 * @returns {{path: string[], query: URLSearchParams}}
 */
export function parse(hash) {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return {
    path: path.split("/").filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
}

/**
 * The hash that `parse` reads.
 * @param {string[]} path
 * @param {URLSearchParams | Record<string, string>} [query]
 */
export function href(path, query = {}) {
  const parameters = new URLSearchParams(query).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${parameters && `?${parameters}`}`;
}

/** The route of a view: its path, and the query in which the view stores its state. */
export class Route {
  /** @param {{path: string[], query: URLSearchParams}} parsed */
  constructor({ path, query }) {
    this.path = path;
    this.query = query;
  }

  /**
   * Writes changes of the query into the address; null takes a parameter out. The view is not shown
   * anew: it made the change. Going back in the browser shows it anew, as it was.
   * @param {Record<string, string | number | boolean | null | undefined>} changes
   * @param {{replace?: boolean}} [options] `replace`: without an entry in the browser's history.
   */
  go(changes, { replace = false } = {}) {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === undefined) this.query.delete(name);
      else this.query.set(name, String(value));
    }
    const address = href(this.path, this.query);
    if (replace) history.replaceState(null, "", address);
    else if (address !== location.hash) history.pushState(null, "", address);
  }
}
