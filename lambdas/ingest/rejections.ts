// What was rejected of a request, put on the stream as a record of its own: beside the records of the batch, or alone if
// the request was refused as a whole. No request fails because of it, and none waits for it longer than `offerMs`.

import type { Logger } from '@aws-lambda-powertools/logger';
import { problems } from '../../domain/api/problems.ts';
import { noName } from '../../domain/documents/names.ts';
import type { RejectedEvent } from '../../domain/event/batch.ts';
import { sentOf } from '../../domain/event/unusable.ts';
import type { BatchSettings } from '../../domain/idempotency/idempotency.ts';
import { streamKey } from '../../domain/keys.ts';
import {
  type BatchSeed,
  makeSeed,
  receivedAtOf,
  seedRandomBytes,
  seedText,
} from '../../domain/record/batch-id.ts';
import {
  currentPageLayout,
  encodeEnvelope,
  encodeRejections,
  rejectionsPart,
} from '../../domain/record/envelope.ts';
import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';
import type { StreamName } from '../../domain/record/streams.ts';
import { keepWithin } from '../../domain/rejections/kept-events.ts';
import { hideAll } from '../../domain/rejections/rejected-views.ts';
import {
  explained,
  type Rejected,
  rejectionsOf,
  unreadableRequests,
} from '../../domain/rejections/request-rejections.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { formatTraceparent, type SpanContext } from '../../domain/system/trace.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import type { Caller } from '../edge/caller.ts';
import { type HttpRequest, headerOf, ProblemError, requestIdOf } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import type { RejectedViewsOf } from './policies.ts';

export type RejectionDeps = {
  readonly streams: Readonly<Record<StreamName, EventStream>>;
  readonly rejectedViewsOf: RejectedViewsOf;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly region: string;
  readonly meter: Pick<Meter, 'count'>;
  readonly logger: Pick<Logger, 'warn'>;
};

/** A refused request waits so long at most until what it was refused for is on the stream. */
const offerMs = 300;

type Of = {
  readonly caller: Caller;
  readonly request: HttpRequest;
  readonly trace: SpanContext | undefined;
};
type Attempted = Of & {
  readonly seed: BatchSeed;
  readonly settings: Pick<BatchSettings, 'stream' | 'slots' | 'retentionDays' | 'layout' | 'policy'>;
};
/** `inputs`: all events of the batch, as they were sent. */
type RejectedBatch = { readonly rejected: readonly RejectedEvent[]; readonly inputs: readonly unknown[] };

/**
 * Of a batch of which a part is accepted, to be put with its records. `late`: whether all of those are, so that it goes to
 * their stream. Undefined if it cannot be made.
 */
export const rejectionsBeside = (
  deps: RejectionDeps,
  attempted: Attempted,
  { rejected, inputs }: RejectedBatch,
  late: boolean,
): Promise<OutgoingRecord | undefined> =>
  orLost(deps, () => seal(deps, attempted, rejected, eventsIn(rejected, inputs), late));

/** Of a batch that was refused as a whole. */
export const offerRejections = (
  deps: RejectionDeps,
  attempted: Attempted,
  { rejected, inputs }: RejectedBatch,
): Promise<void> =>
  offer(deps, attempted, rejected.length > 0 ? rejected : [emptyBatch], eventsIn(rejected, inputs));

const emptyBatch: Rejected = { code: 'no_valid_event', message: 'There is no event in the batch.' };

/** Of a request whose events cannot be told, if the error is of that kind. */
export async function offerUnreadable(deps: RejectionDeps, of: Of, error: unknown): Promise<void> {
  const code = error instanceof ProblemError && unreadableRequests.find((each) => each === error.code);
  if (!code) return;
  const { stream, slots, retentionDays, policy } = of.caller;
  const seed = makeSeed(deps.clock.now(), deps.random.bytes(seedRandomBytes));
  const settings = { stream, slots, retentionDays, layout: currentPageLayout, ...(policy && { policy }) };
  const { detail = problems[code].detail } = error.extra;
  await offer(deps, { ...of, seed, settings }, [{ code, message: String(detail) }]);
}

/** The rejected event at this place of the list. */
type EventOf = (index: number) => unknown;

const eventsIn =
  (rejected: readonly RejectedEvent[], inputs: readonly unknown[]): EventOf =>
  (index) =>
    sentOf(inputs[rejected[index]?.index ?? -1]);

async function offer(
  deps: RejectionDeps,
  attempted: Attempted,
  rejected: readonly Rejected[],
  eventOf?: EventOf,
): Promise<void> {
  await orLost(deps, async () => {
    const record = await seal(deps, attempted, rejected, eventOf, false);
    await deps.streams[attempted.settings.stream].put([record], deps.clock.now() + offerMs);
  });
}

/** Whatever fails here, the client is answered as if it had not. */
async function orLost<T>({ meter, logger }: RejectionDeps, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    meter.count(metricNames.lostRejections, 1);
    logger.warn('the rejections of a request are not counted', errorFields(error));
    return undefined;
  }
}

async function seal(
  { rejectedViewsOf, region }: RejectionDeps,
  { caller, request, trace, seed, settings }: Attempted,
  rejected: readonly Rejected[],
  eventOf: EventOf | undefined,
  late: boolean,
): Promise<OutgoingRecord> {
  const { tenant } = caller;
  // Without events nothing is read for it.
  const views = eventOf && (await rejectedViewsOf(tenant.account, settings.policy).catch(withoutEvents));
  const told = rejectionsOf(rejected, senderOf(caller, request), {
    hide: hideAll,
    sample: (index) => views?.sample(eventOf?.(index)),
  });
  const days = caller.keepRejectedDays;
  const kept = days && views && eventOf && keepWithin(sentEvents(rejected, eventOf), views.whole, days);
  const body = { ...told, ...(kept && { kept }) };
  // One slot for all: so one shard, and in it one consumer, writes the hours of the account.
  const [slot = 0] = settings.slots;
  const data = encodeEnvelope(
    {
      kind: 'rejections',
      tenant,
      batchId: seedText(seed),
      part: rejectionsPart,
      parts: rejectionsPart + 1,
      slot,
      late,
      receivedAtMs: receivedAtOf(seed),
      retentionDays: settings.retentionDays,
      layout: settings.layout,
      region,
      requestId: requestIdOf(request),
      ...(trace && { trace: formatTraceparent(trace) }),
    },
    encodeRejections(body),
  );
  return { partitionKey: streamKey(tenant, slot, late), data, isOptional: true };
}

function* sentEvents(rejected: readonly Rejected[], eventOf: EventOf) {
  for (const [index, each] of rejected.entries())
    yield { ...explained(each, hideAll), event: eventOf(index) };
}

/** Without its policy it is not known what of an event may be shown. */
function withoutEvents(error: unknown): undefined {
  if (!(error instanceof Unavailable)) throw error;
}

/** What a client calls itself first, such as `python-requests/2.32.3`: with its version, because a release may be at fault. */
function senderOf(caller: Caller, request: HttpRequest) {
  const [client = ''] = /^[\x21-\x7e]+/.exec(headerOf(request, 'user-agent') ?? '') ?? [];
  return {
    keyId: 'keyId' in caller ? caller.keyId : noName,
    client: client === '' ? noName : hideAll(client),
  };
}
