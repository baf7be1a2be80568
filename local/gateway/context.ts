// What `$context.<path>` stands for, looked up in the values of one request: in gateway responses, which leave what is
// not known empty, and in the access log, which writes `-` for it.

export type ContextValues = Readonly<Record<string, unknown>>;

/** Plain replacement, without escaping, as the gateway does it. */
export function substitute(template: string, values: ContextValues, unknown: string): string {
  return template.replace(
    /\$context\.(\w+(?:\.\w+)*)/g,
    (_whole, path: string) => contextText(values, path) ?? unknown,
  );
}

/** Of a path such as `identity.sourceIp`. */
export function contextText(values: ContextValues, path: string): string | undefined {
  const value = path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as ContextValues | undefined | null)?.[key], values);
  return value === undefined || value === null ? undefined : String(value);
}
