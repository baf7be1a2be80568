// The page of the API: the OpenAPI document that the running platform answers, for people. It is one file without scripts,
// so that it needs no network.

import { apiPageStyle } from './api-page-style.ts';

type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description: string;
  readonly example: string | number;
  readonly schema: { readonly enum?: readonly string[]; readonly default?: unknown };
};
type Media = { readonly example?: unknown; readonly examples?: Readonly<Record<string, { value: Problem }>> };
type Problem = { readonly code: string; readonly title: string; readonly detail: string };
type Response = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly example: unknown }>>;
  readonly content?: Readonly<Record<string, Media>>;
};
type Operation = {
  readonly tags: readonly [string];
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly description: string; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
};
type ApiDocument = {
  readonly info: { readonly title: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
type Route = { readonly method: string; readonly path: string; readonly operation: Operation };

export function renderApiPage(text: string, url: string): string {
  const document = withoutReferences(JSON.parse(text)) as ApiDocument;
  const { title, description } = document.info;
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const groups = document.tags.map(({ name, description: about }) => ({
    name,
    about,
    routes: routes.filter(({ operation }) => operation.tags[0] === name),
  }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}: the API</title>
<style>${apiPageStyle}</style>
</head>
<body>
<header><h1>${escaped(title)}: the API</h1>
${paragraphs(description)}
<p>Set <code>URL=${escaped(url)}</code> and <code>KEY</code> to an API key. The document that this page shows is at
<a href="/v1/openapi.json">/v1/openapi.json</a>.</p></header>
<nav>${groups
    .map((group) => `<h2>${escaped(group.name)}</h2><ul>${group.routes.map(linkTo).join('')}</ul>`)
    .join('\n')}</nav>
<main>${groups
    .map(
      (group) =>
        `<h2>${escaped(group.name)}</h2>${paragraphs(group.about)}${group.routes.map(section).join('\n')}`,
    )
    .join('\n')}</main>
</body>
</html>
`;
}

const nameOf = ({ method, path }: Route): string =>
  `<b class="${method.toLowerCase()}">${method}</b> <code>${escaped(path)}</code>`;
const linkTo = (route: Route): string =>
  `<li><a href="#${route.operation.operationId}">${nameOf(route)}</a></li>`;

function section(route: Route): string {
  const { operationId, summary, description, parameters, requestBody, responses } = route.operation;
  return `<section id="${operationId}">
<h3>${nameOf(route)}</h3>
<p><b>${escaped(summary)}.</b></p>
${paragraphs(description)}
<pre>${escaped(curlOf(route))}</pre>
${parameters.length === 0 ? '' : table(['parameter', 'in', 'meaning', 'example'], parameters.map(parameterRow))}
${requestBody === undefined ? '' : `<h4>Body</h4>${paragraphs(requestBody.description)}${examples(requestBody.content)}`}
<h4>Answers</h4>
${Object.entries(responses)
  .filter(([, response]) => problemsOf(response).length === 0)
  .map(([status, response]) => answer(status, response))
  .join('\n')}
${problemTable(responses)}
</section>`;
}

const parameterRow = ({ name, in: place, required, description, example, schema }: Parameter): string[] => [
  `<code>${escaped(name)}</code>${required ? ' <i>required</i>' : ''}`,
  place,
  `${inline(description)}${schema.enum ? ` One of ${schema.enum.map((value) => `<code>${escaped(value)}</code>`).join(', ')}.` : ''}${schema.default === undefined ? '' : ` Absent: <code>${escaped(String(schema.default))}</code>.`}`,
  `<code>${escaped(String(example))}</code>`,
];

function answer(status: string, { description, headers = {}, content = {} }: Response): string {
  const named = Object.entries(headers).map(([name, { description: about, example }]) => [
    `<code>${escaped(name)}</code>`,
    inline(about),
    `<code>${escaped(String(example))}</code>`,
  ]);
  return `<p><b>${status}</b> ${inline(description)}</p>${examples(content)}
<details><summary>Headers</summary>${table(['header', 'meaning', 'example'], named)}</details>`;
}

const problemsOf = ({ content = {} }: Response): readonly Problem[] =>
  Object.values(content['application/problem+json']?.examples ?? {}).map(({ value }) => value);

function problemTable(responses: Operation['responses']): string {
  const rows = Object.entries(responses).flatMap(([status, response]) =>
    problemsOf(response).map(({ code, title, detail }) => [
      status,
      `<code>${escaped(code)}</code>`,
      `<b>${escaped(title)}.</b> ${escaped(detail)}`,
    ]),
  );
  return rows.length === 0
    ? ''
    : `<details><summary>Problems</summary>${table(['status', 'code', 'what to do'], rows)}</details>`;
}

const examples = (content: Readonly<Record<string, Media>>): string =>
  Object.entries(content)
    .filter(([, { example }]) => example !== undefined)
    .map(([type, { example }]) => {
      const shown = typeof example === 'string' ? example : JSON.stringify(example, undefined, 2);
      return `<p class="type">${escaped(type)}</p><pre>${escaped(shown)}</pre>`;
    })
    .join('');

/** A command that works when it is pasted, once URL and KEY are set. */
function curlOf({ method, path, operation: { parameters, security, requestBody } }: Route): string {
  const exampleOf = (name: string) =>
    encodeURIComponent(String(parameters.find((each) => each.name === name)?.example ?? ''));
  const query = parameters
    .filter((each) => each.in === 'query' && each.required)
    .map(({ name }) => `${name}=${exampleOf(name)}`)
    .join('&');
  const place = path.replace(/\{(\w+)\}/g, (_, name) => exampleOf(name));
  const json = requestBody?.content['application/json']?.example;
  const isOfKeys = security.some((scheme) => 'apiKey' in scheme);
  const how = { GET: '', HEAD: ' --head' }[method] ?? ` -X ${method}`;
  return [
    `curl -s${how} "$URL${place}${query && `?${query}`}"`,
    ...(security.length === 0
      ? []
      : [isOfKeys ? '-H "x-api-key: $KEY"' : '-H "authorization: Bearer $TOKEN"']),
    ...(json === undefined
      ? []
      : [`-H 'content-type: application/json' \\\n  -d '${JSON.stringify(json).replaceAll("'", "'\\''")}'`]),
  ].join(' ');
}

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="wide"><table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('')}</table></div>`;

const paragraphs = (text: string): string =>
  text
    .split('\n\n')
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join('');
const inline = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Each reference replaced by what it refers to, but for schemas, which the page does not show. */
function withoutReferences(document: unknown): unknown {
  const at = (pointer: string): unknown =>
    pointer
      .slice('#/'.length)
      .split('/')
      .reduce((part, name) => (part as Record<string, unknown> | undefined)?.[name], document);
  const resolved = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map(resolved);
    const { $ref } = part as { $ref?: string };
    if ($ref?.startsWith('#/components/schemas/')) return {};
    if ($ref !== undefined) return resolved(at($ref));
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, resolved(value)]));
  };
  return resolved(document);
}
