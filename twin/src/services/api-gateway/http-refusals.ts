// What the HTTP server refuses before it is a request: malformed, too slow, too many headers, an expectation that it cannot
// meet. Node would answer with a status alone; the API's clients expect the gateway response of the template.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpAnswer } from '../../core/http/http-answer.ts';

/** The codes are Node's; whatever else its parser refuses is malformed. */
export function statusOfHttpError({ code }: NodeJS.ErrnoException): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}

/** What came with a request that was never read: nothing. */
export function unreadRequest(socket: Duplex): IncomingMessage {
  return { method: 'GET', url: '/', headers: {}, rawHeaders: [], socket } as unknown as IncomingMessage;
}

/** An answer to what is no request has no response of Node's: it is written as it goes over the wire. */
export function writeRaw(socket: Duplex, answer: HttpAnswer): void {
  if (!socket.writable) return void socket.destroy();
  const lines = Object.entries(answer.headers).flatMap(([name, value]) =>
    [value].flat().map((each) => `${name}: ${each}`),
  );
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    ...lines,
    `content-length: ${answer.body.byteLength}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), answer.body]), () =>
    socket.destroy(),
  );
}

/** Answers of one connection come in the order of its requests: a refusal waits for the answer that is under way. */
export function afterAnswer(
  open: ServerResponse | undefined,
  refuse: () => void,
  breakOff: () => void,
): void {
  if (open === undefined || open.writableFinished) refuse();
  else if (open.req.complete) open.once('close', refuse);
  // The body of the very request is malformed: nobody will answer it.
  else if (open.headersSent) breakOff();
  else refuse();
}
