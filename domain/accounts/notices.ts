// Notices: what authorize saw that someone should hear of, and that no change wrote to the audit log. At most one a minute
// of each kind and key, however many requests and instances there are.

import type { LastUse } from './api-keys.ts';

export type Notice =
  | {
      readonly what: 'key.used_after_revocation';
      readonly minuteMs: number;
      readonly account: string;
      readonly key: string;
      /** As of a last use. */
      readonly client: LastUse['client'];
    }
  | {
      readonly what: 'requests.unauthorized';
      readonly minuteMs: number;
      /** How many one instance had refused when it noticed. */
      readonly count: number;
    };

/** So many requests that one instance of authorize refuses with 401 in a minute are noticed. */
export const unauthorizedPerMinute = 100;
