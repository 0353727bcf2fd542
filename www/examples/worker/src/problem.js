// Errors, as RFC 9457 says them.

/**
 * @param {number} status
 * @param {string} code
 * @param {string} title
 * @param {string} detail
 * @param {Record<string, unknown>} more
 * @param {Record<string, string>} headers
 */
export function problem(status, code, title, detail, more = {}, headers = {}) {
  const body = { type: `urn:rolewright:problem:${code}`, title, status, detail, ...more };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers } });
}
