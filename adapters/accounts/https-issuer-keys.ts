// The keys of an OIDC issuer, by HTTPS. A request waits for them, and the issuer is not ours: the answer is bounded in time
// and in size, and a redirection is not followed.

import type { IssuerKeys } from '../../domain/accounts/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

/** Of the 3 s of authorize. */
export const issuerTimeMs = 1000;
/** Google's and Microsoft's have 1 to 20 KB. */
const mostBytes = 100_000;

export class IssuerUnavailable extends Unavailable {
  override readonly name = 'IssuerUnavailable';
}

export class HttpsIssuerKeys implements IssuerKeys {
  readonly #uri: string;
  readonly #timeoutMs: number;

  constructor(uri: string, timeoutMs = issuerTimeMs) {
    this.#uri = uri;
    this.#timeoutMs = timeoutMs;
  }

  async read(): Promise<unknown> {
    try {
      const answer = await fetch(this.#uri, {
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      if (!answer.ok) throw new Error(`The issuer answered ${answer.status}.`);
      return JSON.parse(await textOf(answer));
    } catch (cause) {
      throw new IssuerUnavailable(`The keys of the issuer could not be read from ${this.#uri}`, { cause });
    }
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    // What is left is not read: leaving the loop cancels it.
    if (bytes > mostBytes) throw new Error(`The answer has more than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
