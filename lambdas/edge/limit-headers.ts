// How the caller stands, by the draft of the IETF (RateLimit header fields, draft 10), and by the older headers. As far as
// the instance that answers knows.

/** A limit as headers name it: `limit` units in `windowSeconds`, of which `left` are left until all are back. */
export type Policy = {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly left: number;
  readonly resetSeconds: number;
};

/** The older headers know one policy: the first. */
export function limitHeaders(
  policies: readonly [Policy, ...Policy[]],
  nowMs: number,
): Record<string, string> {
  const [{ limit, left, resetSeconds }] = policies;
  return {
    'RateLimit-Policy': policies
      .map((each) => `"${each.name}";q=${each.limit};w=${each.windowSeconds}`)
      .join(', '),
    RateLimit: policies.map((each) => `"${each.name}";r=${each.left};t=${each.resetSeconds}`).join(', '),
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(left),
    'X-RateLimit-Reset': String(Math.ceil(nowMs / 1000) + resetSeconds),
  };
}
