// The JSON of a call's body, parsed once however many steps look at it.

export type Json = Readonly<Record<string, unknown>>;

const parsed = new WeakMap<Buffer, { readonly json: Json | undefined }>();

/** Undefined where the body is no JSON object; that is the engine's to judge. */
export function jsonBody(body: Buffer): Json | undefined {
  const known = parsed.get(body) ?? { json: parse(body) };
  parsed.set(body, known);
  return known.json;
}

/** A body whose JSON is known already. */
export function bodyOf(json: Json): Buffer {
  const body = Buffer.from(JSON.stringify(json));
  parsed.set(body, { json });
  return body;
}

function parse(body: Buffer): Json | undefined {
  // In the JSON protocols every body is an object: nothing else needs to be parsed.
  if (body[0] !== 0x7b) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
