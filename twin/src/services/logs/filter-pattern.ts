// Filter patterns of CloudWatch Logs for JSON, as far as they are conditions on fields of text, joined by && and ||:
// `{ ($.a = "x*") && ($.b != "y" || $.c = "z") }`. `*` stands for any text, and && binds more than ||.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';

export class PatternNotModelled extends Error {
  override readonly name = 'PatternNotModelled';
  constructor(pattern: string) {
    super(
      `The local twin does not run the filter pattern ${pattern}: it takes { ($.name = "text*") && … || … }.`,
    );
  }
}

type Test = (fields: JsonRecord) => boolean;

const tokenForm = /\s*(\(|\)|&&|\|\||\$\.\w+\s*!?=\s*"[^"\\]*")/y;
const conditionForm = /^\$\.(\w+)\s*(!?=)\s*"(.*)"$/;

/** An empty pattern takes every line. A line that is no JSON never matches any other. Throws PatternNotModelled. */
export function filterOf(pattern: string): (line: string) => boolean {
  if (pattern.trim() === '') return () => true;
  const [, inner] = /^\s*\{(.*)\}\s*$/s.exec(pattern) ?? [];
  const tokens = inner === undefined ? undefined : tokensOf(inner.trim());
  const test = tokens && readAny(tokens);
  if (test === undefined || tokens?.length !== 0) throw new PatternNotModelled(pattern);
  return (line) => {
    const fields = recordIn(line);
    return fields !== undefined && test(fields);
  };
}

/** Undefined where there is something else between them. */
function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  tokenForm.lastIndex = 0;
  while (tokenForm.lastIndex < text.length) {
    const [, token] = tokenForm.exec(text) ?? [];
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return tokens;
}

/** These take what they read from the front of the tokens; undefined where that is not what they read. */
const readAny = (tokens: string[]): Test | undefined =>
  readJoined(tokens, '||', readAll, (tests) => (fields) => tests.some((test) => test(fields)));
const readAll = (tokens: string[]): Test | undefined =>
  readJoined(tokens, '&&', readOne, (tests) => (fields) => tests.every((test) => test(fields)));

function readJoined(
  tokens: string[],
  joint: string,
  read: (tokens: string[]) => Test | undefined,
  join: (tests: readonly Test[]) => Test,
): Test | undefined {
  const tests: Test[] = [];
  do {
    const test = read(tokens);
    if (test === undefined) return undefined;
    tests.push(test);
  } while (tokens[0] === joint && tokens.shift());
  return join(tests);
}

function readOne(tokens: string[]): Test | undefined {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const inner = readAny(tokens);
    return tokens.shift() === ')' ? inner : undefined;
  }
  const [, name, operator, text] = conditionForm.exec(token) ?? [];
  if (name === undefined || text === undefined) return undefined;
  const form = new RegExp(`^${text.split('*').map(RegExp.escape).join('.*')}$`, 's');
  // A field that is missing is neither equal nor different.
  return ({ [name]: value }) => value !== undefined && (operator === '=') === form.test(String(value));
}

function recordIn(line: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
