// Types in TypeScript of the schemas of the OpenAPI document, for the client.

// biome-ignore lint/suspicious/noExplicitAny: any part of a document
type Part = any;

const nameOf = ($ref: string) => $ref.split('/').at(-1) ?? '';

function commentOf({ description, example, examples }: Part): string {
  const shown = example ?? examples?.[0];
  const text = [description, shown !== undefined && `Such as \`${JSON.stringify(shown)}\``]
    .filter(Boolean)
    .map((part: string) => part.replace(/\.$/, '').replaceAll('*/', '* /'))
    .join('. ');
  return text && `/** ${text}. */\n`;
}

function unionOf(parts: readonly string[]): string {
  return [...new Set(parts)].join(' | ');
}

export function typeOf(schema: Part): string {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return unionOf(schema.enum.map((value: unknown) => JSON.stringify(value)));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf && schema.type === undefined) return unionOf(schema.anyOf.map(typeOf));
  if (schema.type === 'array') return `readonly (${typeOf(schema.items)})[]`;
  if (schema.type === 'object') return objectOf(schema);
  if (schema.type === 'integer') return 'number';
  if (['string', 'number', 'boolean', 'null'].includes(schema.type)) return schema.type;
  throw new Error(`No type is known for ${JSON.stringify(schema)}`);
}

function objectOf({ properties, required = [] }: Part): string {
  if (!properties) return 'Readonly<Record<string, unknown>>';
  const members = Object.entries<Part>(properties).map(
    ([name, of]) =>
      `${commentOf(of)}readonly ${/^\w+$/.test(name) ? name : JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(of)};`,
  );
  return `{\n${members.join('\n')}\n}`;
}

/** Of the parameters that a caller chooses. The client follows cursors itself, and reads JSON. */
function queryOf(operation: Part): string {
  const chosen = operation.parameters.filter(
    ({ in: place, name }: Part) => place === 'query' && !['cursor', 'format'].includes(name),
  );
  const members = chosen.map(({ name, description, required, schema }: Part) =>
    name.startsWith('metadata.')
      ? `${commentOf({ description })}readonly [field: \`metadata.\${string}\`]: string;`
      : `${commentOf({ description })}readonly ${name}${required ? '' : '?'}: ${typeOf(schema)};`,
  );
  return `{\n${members.join('\n')}\n}`;
}

function referred(document: Part, name: string, found: Set<string>): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, to = ''] of JSON.stringify(document.components.schemas[name]).matchAll(/"\$ref":"([^"]+)"/g))
    referred(document, nameOf(to), found);
  return found;
}

export function wireTypes(
  document: Part,
  {
    schemas,
    queries,
  }: { readonly schemas: readonly string[]; readonly queries: Readonly<Record<string, string>> },
): string {
  const names = schemas.reduce((found, name) => referred(document, name, found), new Set<string>());
  const operations = Object.values<Part>(document.paths).flatMap((item) => Object.values<Part>(item));
  const operationOf = (id: string) => operations.find(({ operationId }) => operationId === id);
  const declare = (name: string, type: string, comment = '') => `${comment}export type ${name} = ${type};\n`;
  return [
    '// What goes over the wire. Printed from the schemas that validate it: "npx vitest run test/unit/guide -u".\n',
    ...[...names].map((name) => {
      const schema = document.components.schemas[name];
      return declare(name, typeOf(schema), commentOf(schema));
    }),
    ...Object.entries(queries).map(([name, id]) => declare(name, queryOf(operationOf(id)))),
  ].join('\n');
}
