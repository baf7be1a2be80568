// A client that takes the twin for a proxy names it in the target of its request: `GET http://127.0.0.1:8787/health`.
// Servers have to take that form, too, and its host instead of the header's. https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2

import type { IncomingMessage } from 'node:http';

/** From then on the request is as if it had been sent with a path and a `Host` header. */
export function toOriginForm(request: Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders'>): void {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(request.url ?? '') ?? [];
  if (host === undefined) return;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  request.headers.host = host;
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() === 'host') rawHeaders[index + 1] = host;
}
