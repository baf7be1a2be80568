// The ingest function on memory adapters.

import { vi } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryIdempotencyKeys } from '../../../../adapters/idempotency/memory-idempotency-keys.ts';
import { MemoryLags } from '../../../../adapters/limits/memory-lags.ts';
import { MemoryOpenings } from '../../../../adapters/limits/memory-openings.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { MemoryEventStream } from '../../../../adapters/record/memory-event-stream.ts';
import { MemoryPlatformKeys } from '../../../../adapters/signing/memory-platform-keys.ts';
import { Leases } from '../../../../domain/limits/leases.ts';
import type { PersonalDataPolicy } from '../../../../domain/personal-data/personal-data.ts';
import { decodeEnvelope, type Envelope } from '../../../../domain/record/envelope.ts';
import type { EventStream } from '../../../../domain/record/port.ts';
import type { Clock } from '../../../../domain/system/port.ts';
import type { Span } from '../../../../domain/system/trace.ts';
import { type HttpRequest, ProblemError } from '../../../../lambdas/edge/http.ts';
import { createIngest, type IngestDeps } from '../../../../lambdas/ingest/ingest.ts';
import { createPolicyLookup } from '../../../../lambdas/ingest/policies.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { httpRequest, type RequestParts } from '../../../support/requests.ts';

export const functionTimeMs = 12_000;

/** `stream`: instead of all. */
type Instead = Partial<IngestDeps> & { readonly clock?: Clock; readonly stream?: EventStream };

export function startIngest({ stream: only, ...instead }: Instead = {}) {
  const stream = new MemoryEventStream();
  const priority = new MemoryEventStream();
  const clock = new TestClock();
  const meter = new TestMeter();
  const logger = { ...silentLogger, info: vi.fn(), warn: vi.fn() };
  const platformKeys = new MemoryPlatformKeys(seededRandom(9));
  const lanes = new MemoryLanes();
  const idempotencyKeys = new MemoryIdempotencyKeys();
  /** By account and name. */
  const policies = new Map<string, PersonalDataPolicy>();
  const spans: Span[] = [];
  const handle = createIngest({
    openings: new MemoryOpenings(),
    eventLeases: new Leases(new MemoryUse(), clock),
    stageQuotaMode: 'hard',
    notices: new MemoryAccounts().notices,
    streams: { standard: only ?? stream, priority: only ?? priority },
    lags: new MemoryLags(),
    streamIds: { standard: 'events', priority: 'priority-events' },
    clock,
    meter,
    logger,
    platformKeys,
    idempotencyKeys,
    checkSignature: async () => {},
    readReceipts: (places) => lanes.receipts(places),
    ...createPolicyLookup({ find: async (account, name) => policies.get(`${account}#${name}`) }),
    random: seededRandom(),
    region: 'eu-west-1',
    spans: { end: (span) => spans.push(span) },
    ...instead,
  });

  /** Each invocation has the time of the function's timeout, by the clock. */
  const ingest = (request: HttpRequest) => {
    const time = instead.clock ?? clock;
    const endMs = time.now() + functionTimeMs;
    return handle(request, () => endMs - time.now());
  };

  const post = async (body: unknown, parts: RequestParts = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await ingest(httpRequest({ body: text, ...parts }));
    return { ...answer, json: JSON.parse(answer.body) };
  };
  return {
    stream,
    priority,
    clock,
    meter,
    logger,
    platformKeys,
    idempotencyKeys,
    lanes,
    policies,
    spans,
    ingest,
    post,
    debug: (body: unknown, parts: RequestParts = {}) =>
      post(body, { resource: '/v1/events:debug', ...parts }),
    /** The code of the problem that a post ends with. */
    refusal: async (body: unknown, parts: RequestParts = {}) => {
      try {
        const { json } = await post(body, parts);
        return json.code ?? 'accepted';
      } catch (error) {
        if (error instanceof ProblemError) return error.code;
        throw error;
      }
    },
    envelopes: (): Envelope[] => stream.records.map(({ data }) => decodeEnvelope(data)),
  };
}
