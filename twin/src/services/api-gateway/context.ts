// What `$context.<path>` and `$stageVariables.<name>` stand for, looked up in the values of one request: in gateway
// responses, which leave what is not known empty, and in the access log, which writes `-` for it.

import { isJsonRecord } from '../../core/json-record.ts';

export type ContextValues = Readonly<Record<string, unknown>>;

type Path = readonly string[];

/** Text, and where variables stand in it. */
type Parts = readonly (string | Path)[];

/** Read once: bounded by the templates of the app. */
const partsByTemplate = new Map<string, Parts>();

/** Plain replacement, without escaping, as the gateway does it. */
export function substitute(template: string, variables: ContextValues, unknown: string): string {
  const parts = partsByTemplate.get(template) ?? partsOf(template);
  partsByTemplate.set(template, parts);
  return parts.reduce<string>(
    (text, part) => text + (typeof part === 'string' ? part : (textAt(variables, part) ?? unknown)),
    '',
  );
}

function partsOf(template: string): Parts {
  // Every second part is what the group has matched.
  return template
    .split(/\$((?:context|stageVariables)\.\w+(?:\.\w+)*)/)
    .map((part, index) => (index % 2 === 0 ? part : part.split('.')));
}

/** The value at a path such as `identity.sourceIp`, as text. */
export function contextText(values: ContextValues, path: string): string | undefined {
  return textAt(values, path.split('.'));
}

function textAt(values: ContextValues, path: Path): string | undefined {
  let value: unknown = values;
  for (const key of path) value = isJsonRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}
