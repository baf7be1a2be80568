// The partition keys that a call to DynamoDB names, which a role may be bound to by dynamodb:LeadingKeys. Read only
// when a condition asks, and where they cannot be told the call is denied.

import { isJsonRecord } from '../../core/json-record.ts';
import type { Json } from '../../core/proxy/json-body.ts';
import { readPartiQl, textIn } from '../../core/proxy/partiql.ts';
import { NeedNotModelled } from './iam-not-modelled.ts';
import type { PartitionKeys } from './partition-keys.ts';

type Keys = readonly string[];

/** The partition keys of items, which may be given by their keys alone. */
export function keysOfItems(table: string, items: readonly unknown[], partitionKeys: PartitionKeys): Keys {
  const name = partitionKeys(table) ?? cannotTell(table);
  return items.map((item) => textOfKey(isJsonRecord(item) ? item[name] : undefined) ?? cannotTell(table));
}

const tokensOfCondition = /[#:]?[\w.-]+|[<>]=?|\S/g;

/** A query is of one partition, that which its key condition equals. An index has other keys than its table. */
export function keysOfQuery(table: string, input: Json, partitionKeys: PartitionKeys): Keys {
  const what = `Query of ${table}`;
  const name = partitionKeys(table) ?? cannotTell(what);
  if (input.IndexName !== undefined) return cannotTell(`${what}, by the index ${input.IndexName}`);
  const tokens = String(input.KeyConditionExpression).match(tokensOfCondition) ?? [];
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  const [at, again] = [...tokens.keys()].filter((index) => {
    const token = tokens[index] ?? '';
    return tokens[index + 1] === '=' && (isJsonRecord(names) ? (names[token] ?? token) : token) === name;
  });
  if (at === undefined || again !== undefined || !isJsonRecord(values)) return cannotTell(what);
  return [textOfKey(values[tokens[at + 2] ?? '']) ?? cannotTell(what)];
}

/** The partition key of an INSERT; the conditions of other statements are not read here. */
export function keysOfStatement(input: Json, partitionKeys: PartitionKeys): Keys {
  const text = String(input.Statement);
  const statement = readPartiQl(text);
  if (statement?.verb !== 'INSERT') return cannotTell(text);
  const { table, tokens } = statement;
  const name = partitionKeys(table);
  let depth = 0;
  const places = tokens.keys().filter((at) => {
    if (tokens[at] === '{') depth += 1;
    if (tokens[at] === '}') depth -= 1;
    // Not one of the same name deeper in the item.
    return depth === 1 && tokens[at + 1] === ':' && textIn(tokens[at]) === name;
  });
  const [at, again] = [...places];
  if (at === undefined || again !== undefined) return cannotTell(text);
  return [literalAt(tokens, at + 2, input.Parameters) ?? cannotTell(text)];
}

function literalAt(tokens: readonly string[], at: number, parameters: unknown): string | undefined {
  if (tokens[at] !== '?') return textIn(tokens[at]);
  const position = tokens.slice(0, at).filter((token) => token === '?').length;
  return Array.isArray(parameters) ? textOfKey(parameters[position]) : undefined;
}

/** Undefined where it is no text, number or bytes, which is all that a key may be. */
function textOfKey(attribute: unknown): string | undefined {
  if (!isJsonRecord(attribute)) return undefined;
  const value = attribute.S ?? attribute.N ?? attribute.B;
  return value === undefined ? undefined : String(value);
}

export function cannotTell(what: string): never {
  throw new NeedNotModelled(
    `The local twin cannot tell the leading keys of this call (${what}), and a condition asks for them.`,
    'leading-keys.ts',
  );
}
