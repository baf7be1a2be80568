// What the servers of the twin answer over HTTP.

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
};

/** For people: indented, with a line feed at the end. */
export function jsonForPeople(status: number, value: unknown): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`),
  };
}

export function problemForPeople(status: number, problem: object): HttpAnswer {
  const { body } = jsonForPeople(status, problem);
  return { status, headers: { 'content-type': 'application/problem+json' }, body };
}

export function textOf(contentType: string, text: string): HttpAnswer {
  return { status: 200, headers: { 'content-type': contentType }, body: Buffer.from(text) };
}

/** It loads nothing and runs nothing. */
export function htmlForPeople(html: string): HttpAnswer {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
    body: Buffer.from(html),
  };
}
