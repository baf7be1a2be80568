// Properties that remember which of their leaves were read. What the twin runs is what it has read, so no list of that
// can go out of date. They are plain frozen objects and lists, and work wherever JSON does.

export type Properties = Readonly<Record<string, unknown>>;

export type ReadRecord = {
  readonly properties: Properties;
  /** Paths without the indexes of lists, such as `MethodSettings.ThrottlingRateLimit`. */
  unread(): readonly string[];
};

export function recordReads(properties: Properties): ReadRecord {
  const unread = new Set<string>();
  return { properties: watch(properties, '', unread) as Properties, unread: () => [...unread] };
}

function watch(value: object, path: string, unread: Set<string>): object {
  if (Array.isArray(value)) return Object.freeze(value.map((item) => watch(item, path, unread)));
  const watched = {};
  for (const [name, item] of Object.entries(value)) {
    const itemPath = path === '' ? name : `${path}.${name}`;
    Object.defineProperty(watched, name, { enumerable: true, ...accessTo(item, itemPath, unread) });
  }
  return Object.freeze(watched);
}

function accessTo(item: unknown, path: string, unread: Set<string>): PropertyDescriptor {
  if (isBranch(item)) return { value: watch(item, path, unread) };
  unread.add(path);
  const leaf = Object.freeze(item);
  return {
    get: () => {
      unread.delete(path);
      return leaf;
    },
  };
}

/** Anything else is read as one: a scalar, a list of scalars, and what is empty, whose being there is all it says. */
function isBranch(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? value.length > 0 && value.every(isBranch) : Object.keys(value).length > 0;
}
