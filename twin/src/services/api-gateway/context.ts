// What `$context.<path>` and `$stageVariables.<name>` stand for, looked up in the values of one request: in gateway
// responses, which leave what is not known empty, and in the access log, which writes `-` for it.

import { isJsonRecord } from '../../core/json-record.ts';

export type ContextValues = Readonly<Record<string, unknown>>;

/** Plain replacement, without escaping, as the gateway does it. */
export function substitute(template: string, variables: ContextValues, unknown: string): string {
  return template.replace(
    /\$((?:context|stageVariables)\.\w+(?:\.\w+)*)/g,
    (_whole, path: string) => contextText(variables, path) ?? unknown,
  );
}

/** The value at a path such as `identity.sourceIp`, as text. */
export function contextText(values: ContextValues, path: string): string | undefined {
  const value = path
    .split('.')
    .reduce<unknown>(
      (parent, key) => (isJsonRecord(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined),
      values,
    );
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}
