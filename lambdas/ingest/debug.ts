// POST /v1/events:debug: shows what would become of each event of a batch. It stores nothing.

import { validateBatch } from '../../domain/event/batch.ts';
import { refusalOf } from '../../domain/event/batch-outcome.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { makeSeed, seedRandomBytes } from '../../domain/record/batch-id.ts';
import { packBatch } from '../../domain/record/pack-batch.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { iso } from '../../domain/system/time.ts';
import { answerJson, type HttpAnswer } from '../edge/http.ts';
import type { Arrival } from './arrival.ts';
import type { PolicyOf } from './policies.ts';
import { strictApplied } from './preferences.ts';

export type DebugDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly policyOf: PolicyOf;
};

export const createDebug =
  ({ clock, random, policyOf }: DebugDeps) =>
  async ({ caller, request, inputs, strict, skewMs }: Arrival): Promise<HttpAnswer> => {
    const receivedAtMs = clock.now();
    const seed = makeSeed(receivedAtMs, random.bytes(seedRandomBytes));
    const policy = await policyOf(caller.tenant.account, caller.policy);
    const batch = validateBatch(inputs, {
      account: caller.tenant.account,
      receivedAtMs,
      ...(skewMs !== undefined && { skewMs }),
      ...(policy && { policy }),
    });
    const refusal = refusalOf(batch, strict);
    const { tenant, retentionDays } = caller;
    const key = unknownKey(random);
    const { packs, assigned } = packBatch(batch, { tenant, seed, slot: 0, retentionDays, key });
    const idOf = new Map(assigned.map(({ index, event_id }) => [index, event_id]));
    const answer = {
      would_answer: refusal ? { status: 422, code: refusal } : { status: 202 },
      received_at: iso(receivedAtMs),
      accepted: batch.accepted.length,
      rejected: batch.rejected,
      ...(assigned.length === 0 ? {} : { assigned }),
      events: batch.accepted.map((event, at) =>
        stored({ ...event, event_id: idOf.get(batch.indexes[at] ?? 0) ?? event.event_id }),
      ),
      records: refusal
        ? []
        : packs.map(({ late, body }) => ({
            events: body.events,
            late,
            compressed_bytes: body.bytes.length,
          })),
    };
    return answerJson(request, 200, answer, strict ? strictApplied : {});
  };

/** No platform key has the number 0: an id that was shown and never stored is an id like any other when it is sent. */
const unknownKey = (random: Random): NumberedKey => ({ number: 0, secret: random.bytes(32) });

/** `made`: what the server added, or corrected: an id, which would be another for the real batch, or the timestamp. */
const stored = ({ timestamp, made = [], ...event }: AcceptedEvent) => ({
  ...event,
  timestamp: iso(timestamp),
  made,
});
