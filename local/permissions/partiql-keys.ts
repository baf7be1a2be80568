// The values that a PartiQL statement gives the partition key: of what is inserted, or of what it selects by.

import { nameIn, type PartiQl, readPartiQl, textIn } from '../proxy/partiql.ts';
import { textOfKey } from './attribute-value.ts';

/** None at all where it goes through the whole table; `unclear` where it may be either. */
type Keys = readonly string[] | undefined | 'unclear';

export function partiQlKeys(
  text: string,
  parameters: unknown,
  partitionKeyOf: (table: string, index: string | undefined) => string,
): Keys {
  const statement = readPartiQl(text);
  if (statement === undefined) return 'unclear';
  const name = partitionKeyOf(statement.table, statement.index);
  const valueAt = (at: number) => literalAt(statement, at, parameters);
  return statement.verb === 'INSERT'
    ? insertedKey(statement, name, valueAt)
    : soughtKeys(statement, name, valueAt);
}

type ValueAt = (at: number) => string | undefined;

/** Not one of the same name deeper in the item. */
function insertedKey({ tokens }: PartiQl, name: string, valueAt: ValueAt): Keys {
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (depth !== 1 || textIn(token) !== name || tokens[at + 1] !== ':') continue;
    const value = valueAt(at + 2);
    return value === undefined ? 'unclear' : [value];
  }
  return 'unclear';
}

const unclearWords = new Set(['OR', 'NOT']);

function soughtKeys({ tokens }: PartiQl, name: string, valueAt: ValueAt): Keys {
  const where = tokens.findIndex((token) => token.toUpperCase() === 'WHERE');
  if (where === -1) return undefined;
  const places = [...tokens.keys()].filter((at) => at > where && nameIn(tokens[at]) === name);
  if (places.length === 0) return undefined;
  if (tokens.some((token, at) => at > where && unclearWords.has(token.toUpperCase()))) return 'unclear';
  const found = places.map((at) =>
    tokens[at + 1] === '=' ? [valueAt(at + 2)] : valuesOfList(tokens, at + 1, valueAt),
  );
  const values = found.flat();
  return values.every((value) => value !== undefined) ? values : 'unclear';
}

/** After the name: `IN [?, ?]`, or with round brackets. */
function valuesOfList(
  tokens: readonly string[],
  at: number,
  valueAt: ValueAt,
): readonly (string | undefined)[] {
  const [word, open] = [tokens[at]?.toUpperCase(), tokens[at + 1]];
  const end = tokens.indexOf(open === '[' ? ']' : ')', at);
  if (word !== 'IN' || (open !== '[' && open !== '(') || end === -1) return [undefined];
  const places = [...tokens.keys()].slice(at + 2, end).filter((place) => tokens[place] !== ',');
  return places.map(valueAt);
}

function literalAt({ tokens }: PartiQl, at: number, parameters: unknown): string | undefined {
  const token = tokens[at];
  if (token === '?') {
    const position = tokens.slice(0, at).filter((each) => each === '?').length;
    return Array.isArray(parameters) ? textOfKey(parameters[position]) : undefined;
  }
  return textIn(token) ?? (token !== undefined && /^[-+]?\d/.test(token) ? token : undefined);
}
