// Filter patterns of CloudWatch Logs for JSON, as far as they are conditions on fields of text that all have to hold:
// `{ ($.a = "x") && ($.b != "y") }`.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

import { isJsonRecord } from '../../core/json-record.ts';

export class PatternNotModelled extends Error {
  override readonly name = 'PatternNotModelled';
  constructor(pattern: string) {
    super(`The local twin does not run the filter pattern ${pattern}: it takes { ($.name = "text") && … }.`);
  }
}

const condition = /^\(?\s*\$\.(\w+)\s*(=|!=)\s*"([^"\\*]*)"\s*\)?$/;

/** An empty pattern takes every line. A line that is no JSON never matches any other. */
export function filterOf(pattern: string): (line: string) => boolean {
  if (pattern.trim() === '') return () => true;
  const [, inner] = /^\s*\{(.*)\}\s*$/.exec(pattern) ?? [];
  const conditions = (inner?.split('&&') ?? ['']).map((part) => {
    const found = condition.exec(part.trim());
    if (found === null) throw new PatternNotModelled(pattern);
    return found;
  });
  return (line) => {
    const fields = recordIn(line);
    return conditions.every(([, name = '', operator, text]) => {
      const isEqual = fields?.[name] === text;
      return fields?.[name] !== undefined && (operator === '=') === isEqual;
    });
  };
}

function recordIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
