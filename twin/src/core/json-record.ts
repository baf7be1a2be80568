// A JSON value from outside that is an object with members: neither null nor a list. In a file of its own because all
// rooms of the twin ask it.

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isJsonRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
