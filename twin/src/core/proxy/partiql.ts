// Reads a PartiQL statement: its verb, table and index, and its tokens. Functions send the same few texts over and
// over, so each is read once.

export type PartiQl = {
  /** In capitals, as `INSERT`; also where it is none. */
  readonly verb: string;
  readonly table: string;
  readonly index: string | undefined;
  readonly tokens: readonly string[];
};

const tokenForm = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_][\w.-]*|[-+]?\d[\w.+-]*|<<|>>|[<>!]=|<>|\S/g;
const beforeTable = new Set(['INTO', 'UPDATE', 'FROM']);
const read = new Map<string, PartiQl | undefined>();
/** Texts with values in them are never the same. */
const maxRemembered = 1000;

/** Undefined where it names no table. */
export function readPartiQl(statement: string): PartiQl | undefined {
  if (read.has(statement)) return read.get(statement);
  if (read.size >= maxRemembered) read.clear();
  const result = parse(statement);
  read.set(statement, result);
  return result;
}

/** The name in a token, which may have quotes. */
export function nameIn(token: string | undefined): string | undefined {
  if (token?.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"');
  return token !== undefined && /^[A-Za-z_]/.test(token) ? token : undefined;
}

/** The text in a token that has quotes. */
export function textIn(token: string | undefined): string | undefined {
  return token?.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : undefined;
}

function parse(statement: string): PartiQl | undefined {
  const tokens = statement.match(tokenForm) ?? [];
  const at = tokens.findIndex((token) => beforeTable.has(token.toUpperCase()));
  const table = at === -1 ? undefined : nameIn(tokens[at + 1]);
  if (table === undefined) return undefined;
  const index = tokens[at + 2] === '.' ? nameIn(tokens[at + 3]) : undefined;
  return { verb: (tokens[0] ?? '').toUpperCase(), table, index, tokens };
}
