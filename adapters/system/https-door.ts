// The API of a stage, as a client reaches it: for the probe.

import type { Door, DoorAnswer } from '../../domain/system/door.ts';

/** As long as API Gateway waits for an answer, and no longer than the run of a probe can. */
const timeoutMs = 11_000;

export class HttpsDoor implements Door {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  post(path: string, secret: string, body: unknown): Promise<DoorAnswer> {
    return this.#ask(path, secret, { method: 'POST', body: JSON.stringify(body) });
  }

  get(path: string, secret: string): Promise<DoorAnswer> {
    return this.#ask(path, secret, { headers: { 'cache-control': 'no-cache' } });
  }

  async #ask(path: string, secret: string, request: RequestInit): Promise<DoorAnswer> {
    const answer = await fetch(`${this.#url}${path}`, {
      ...request,
      headers: { ...request.headers, 'content-type': 'application/json', 'x-api-key': secret },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.text();
    return { status: answer.status, body: parse(text) };
  }
}

/** An answer that is no JSON is not ours: its status says enough. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
