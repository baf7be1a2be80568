// The settings of a stage, checked before anything is synthesized. All but the region are required. The error names the
// stage, the setting and what would be right.

import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as z from 'zod';
import { shortestRetentionDays } from '../../domain/accounts/retention.ts';
import { mostSlotsOfAccount } from '../../domain/accounts/tiers.ts';
import { mostOffPeakFactor } from '../../domain/limits/off-peak.ts';
import { quotaModes } from '../../domain/limits/quota.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { longestStreamMs } from '../../domain/storing/origin.ts';
import { type FunctionVerb, functionVerbs } from '../../domain/system/stage-names.ts';
import { hourMs } from '../../domain/system/time.ts';
import { requestsPerMinuteOf } from './request-concurrency.ts';

/** The retention periods that CloudWatch Logs accepts. */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** The same for every function of the list. */
export const perFunction = <T>(setting: T): Readonly<Record<FunctionVerb, T>> =>
  Object.fromEntries(functionVerbs.map((verb) => [verb, setting])) as Record<FunctionVerb, T>;

/** An object with these settings only. The error for any other setting names it and lists the known ones. */
function settings<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `no such setting; known are ${known}`
        : `must be an object with ${known}`,
  });
}

const reason = z.string({ error: 'say why, in a sentence' }).trim().min(10, 'say why, in a sentence');

/** On, or left out with a reason. */
const presence = z.union([z.literal(true), settings({ leftOut: z.literal(true), reason })], {
  error: 'must be true, or { leftOut: true, reason } with a reason',
});

/** Or only those of causes, without those of objectives, and without the metrics of methods that these take. */
const alarms = z.union(
  [
    z.literal(true),
    settings({ signalsOnly: z.literal(true), reason }),
    settings({ leftOut: z.literal(true), reason }),
  ],
  { error: 'must be true, or { signalsOnly: true, reason } or { leftOut: true, reason } with a reason' },
);

const wholeNumber = (
  minimum: number,
  maximum: number,
  error = `must be a whole number from ${minimum} to ${maximum}`,
) => z.int({ error }).min(minimum, { error }).max(maximum, { error });

const reservationError =
  'must be a whole number from 1 to 1000, or { unreserved: true, reason } with a reason';
const reservation = z.union(
  [wholeNumber(1, 1000, reservationError), settings({ unreserved: z.literal(true), reason })],
  { error: reservationError },
);

const capacity = z.discriminatedUnion(
  'mode',
  [
    settings({ mode: z.literal('on-demand') }),
    settings({ mode: z.literal('provisioned'), shards: wholeNumber(1, 500) }),
  ],
  { error: "must be { mode: 'on-demand' } or { mode: 'provisioned', shards }" },
);

/** As many as an account is advised, and given automatically. */
const mostSlots = (least: number) => wholeNumber(least, mostSlotsOfAccount);
const slots = z.discriminatedUnion(
  'automatic',
  [
    settings({ automatic: z.literal(true), most: mostSlots(2) }),
    settings({ automatic: z.literal(false), most: mostSlots(1), reason }),
  ],
  { error: 'must be { automatic: true, most }, or { automatic: false, most, reason } with a reason' },
);

const lateEvents = settings({ streamCapacity: capacity });

/** How many requests one address may send, for all accounts together. 10 is the least that AWS WAF takes. */
const firewall = settings({ requestsPerMinute: wholeNumber(10, 2_000_000_000) });

const hoursError = 'must be two different hours of the day in UTC from 0 to 23, such as [22, 6]';
const hour = wholeNumber(0, 23, hoursError);
const factorError = `must be a number above 1, and at most ${mostOffPeakFactor}`;

/** Every account may send more events a minute from the one hour to the other. */
const offPeak = settings({
  hours: z
    .tuple([hour, hour], { error: hoursError })
    .refine(([from, to]) => from !== to, { error: hoursError }),
  factor: z
    .number({ error: factorError })
    .gt(1, { error: factorError })
    .max(mostOffPeakFactor, { error: factorError }),
});

const streams = settings({
  standard: capacity,
  /** Of accounts that are not to wait for what others send. Without, all are on the standard one. */
  priority: z.union([capacity, settings({ leftOut: z.literal(true), reason })], {
    error:
      "must be { mode: 'on-demand' } or { mode: 'provisioned', shards }, or { leftOut: true, reason } with a reason",
  }),
});

const publicPage = settings({ public: z.literal(true) });

const httpsError = 'must be an https URL without a query, such as https://login.example.com/tenant';
const httpsUrl = z
  .string({ error: httpsError })
  .refine((text) => URL.canParse(text) && /^https:\/\/[^?#\s]+$/.test(text), { error: httpsError });
const claimError = 'must be the name of a claim, of 1 to 200 characters';
const audienceError = 'must be the audience of tokens, such as the id of a client, of 1 to 255 characters';

/** The OIDC issuer whose tokens name people. See docs/operate/people.md. */
const people = settings({
  issuer: httpsUrl,
  jwksUri: httpsUrl,
  audience: z.string({ error: audienceError }).min(1, audienceError).max(255, audienceError),
  identity: z.enum(['sub', 'email'], { error: "must be 'sub' or 'email'" }),
  rolesClaim: z.string({ error: claimError }).min(1, claimError).max(200, claimError).optional(),
});

const mailError = 'must be an address of mail, such as oncall@example.com';
const notifyError =
  'must be { page, ticket, report }, each a list of { mail } and { https }, or { leftOut: true, reason } with a reason';
const addresses = z.array(
  z.union([settings({ mail: z.email({ error: mailError }) }), settings({ https: httpsUrl })]),
);
const someError = 'must name at least one { mail } or { https }';

/** Who is told: of what wakes somebody, of what makes a ticket, and of reports. See docs/operate/deploy.md. */
const notify = settings({
  page: addresses.min(1, { error: someError }),
  ticket: addresses.min(1, { error: someError }),
  report: addresses,
});

const nameError = 'must be 2 to 16 lower-case letters and digits, starting with a letter';
const regionError = 'must be a region that the CDK knows, such as eu-central-1';

const stageSchema = settings({
  name: z.string({ error: nameError }).regex(/^[a-z][a-z0-9]{1,15}$/, { error: nameError }),
  /** Without it: the region of the AWS profile that deploys. */
  region: z.string({ error: regionError }).refine(isRegion, { error: regionError }).optional(),
  streams,
  /**
   * Late events have a stream and consumers of their own, which are all that a backfill can fill. Without, they travel with
   * all others, and a backfill delays whoever shares its shard.
   */
  lateEvents: z.union([lateEvents, settings({ leftOut: z.literal(true), reason })], {
    error: 'must be { streamCapacity }, or { leftOut: true, reason } with a reason',
  }),
  streamRetentionHours: wholeNumber(24, 8760),
  /** An older record leaves the stream for quarantine. So long a lack of capacity may last without harm. */
  maxRecordAgeHours: wholeNumber(delivery.outlastsHours, delivery.mostRecordAgeHours),
  /** Tables, stream, bucket and logs outlive their stack. Neither they nor the stack can be deleted by accident. */
  protect: z.boolean({ error: 'must be true or false' }),
  logRetentionDays: z.literal(logRetentionDays, {
    error: `must be one of the periods of CloudWatch Logs: ${logRetentionDays.join(', ')}`,
  }),
  /**
   * Of dead letters and unreadable records, which may be of any tier. The payload of a quarantined record is kept for as
   * long as its events.
   */
  failedRecordsRetentionDays: wholeNumber(1, shortestRetentionDays),
  reservedConcurrency: settings(perFunction(reservation)),
  /** How many batches of one shard are consumed at the same time. Records of one partition key stay in order. */
  parallelizationFactor: wholeNumber(1, 10),
  /** Whether report raises the slots of accounts that fill theirs. They are never lowered, and readers read all of them. */
  slots,
  /** Whether API Gateway requires a usage-plan key, by which it limits the request rate of an account. */
  planKeys: presence,
  /** Of accounts without a mode of their own: what becomes of events over a quota of a day or a month. */
  quotas: z.enum(quotaModes, { error: `must be one of ${quotaModes.join(', ')}` }),
  /** A web ACL of AWS WAF before the API. See docs/operate/deploy.md. */
  firewall: z.union([firewall, settings({ leftOut: z.literal(true), reason })], {
    error: 'must be { requestsPerMinute }, or { leftOut: true, reason } with a reason',
  }),
  /** See docs/operate/deploy.md. */
  offPeak: z.union([offPeak, settings({ leftOut: z.literal(true), reason })], {
    error: 'must be { hours, factor }, or { leftOut: true, reason } with a reason',
  }),
  alarms,
  notify: z.union([notify, settings({ leftOut: z.literal(true), reason })], {
    error: notifyError,
  }),
  /** An event a minute of an account of the platform's own, sent through the door and read back. */
  probe: presence,
  /** Whether a new version first takes a tenth of the calls, or all of them at once. See docs/operate/deploy.md. */
  deploys: z.union([settings({ canary: z.literal(true) }), settings({ leftOut: z.literal(true), reason })], {
    error: 'must be { canary: true }, or { leftOut: true, reason } with a reason',
  }),
  /** Review writes it each hour. Public: everybody may read it in the bucket. See docs/operate/reports.md. */
  statusPage: z.union([publicPage, settings({ leftOut: z.literal(true), reason })], {
    error: 'must be { public: true }, or { leftOut: true, reason } with a reason',
  }),
  tracing: presence,
  people: z.union([people, settings({ leftOut: z.literal(true), reason })], {
    error:
      "must be { issuer, jwksUri, audience, identity: 'sub' or 'email' }, or { leftOut: true, reason } with a reason",
  }),
}).superRefine((stage, context) => {
  const refuse = (setting: keyof typeof stage, message: string) =>
    context.addIssue({ code: 'custom', path: [setting], message });
  const oldestHours = stage.maxRecordAgeHours + delivery.outlastsHours;
  if (stage.streamRetentionHours < oldestHours)
    refuse(
      'streamRetentionHours',
      `must be at least maxRecordAgeHours and the ${delivery.outlastsHours} hours that all attempts take, ` +
        `${oldestHours}: the stream would delete records before they leave it for quarantine`,
    );
  if (stage.streamRetentionHours > mostStreamHours)
    refuse(
      'streamRetentionHours',
      `must be at most ${mostStreamHours} hours: a record that is read again later would find its receipt expired, ` +
        'and be counted twice',
    );
  // With fewer instances, Lambda throttles some of the lanes and their records wait.
  const refuseLack = (verb: ConsumerVerb, streamCapacity: StreamCapacity) => {
    const reserved = stage.reservedConcurrency[verb];
    if (streamCapacity.mode !== 'provisioned' || typeof reserved !== 'number') return;
    const lanes = streamCapacity.shards * stage.parallelizationFactor;
    if (reserved < lanes)
      refuse('reservedConcurrency', `${verb} must be at least shards × parallelizationFactor, ${lanes}`);
  };
  for (const { verb, capacity } of streamsOfStage(stage)) refuseLack(verb, capacity);
  const { standard } = stage.streams;
  if (standard.mode === 'provisioned' && standard.shards === 1 && stage.slots.most > 1)
    refuse('slots', 'most must be 1: all slots would share the one shard of the standard stream');
  if ('page' in stage.notify && stage.alarms !== true && 'leftOut' in stage.alarms)
    refuse('notify', 'must be left out, as alarms are: nothing would be sent to these addresses');
  const { authorize } = stage.reservedConcurrency;
  if (typeof authorize === 'number' && 'requestsPerMinute' in stage.firewall) {
    const taken = requestsPerMinuteOf(authorize);
    if (stage.firewall.requestsPerMinute >= taken)
      refuse(
        'firewall',
        `requestsPerMinute must be less than ${taken}, which is all that authorize takes: one address could use it up`,
      );
  }
});

/** How long a receipt of the tier with the shortest retention keeps its record from being counted twice (R6). */
const mostStreamHours = longestStreamMs / hourMs;

function isRegion(name: string): boolean {
  return RegionInfo.regions.some((region) => region.name === name);
}

type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };
export type StageSettings = DeepReadonly<z.infer<typeof stageSchema>>;
/** One that is told. */
export type Address = Extract<StageSettings['notify'], { readonly page: unknown }>['page'][number];
export type StreamCapacity = StageSettings['streams']['standard'];
export type Reservation = StageSettings['reservedConcurrency'][FunctionVerb];

export type ConsumerVerb = Extract<FunctionVerb, 'consume' | `consume-${string}`>;

/** The streams that the stage has, each with the function that consumes it. */
export function streamsOfStage({ streams, lateEvents }: Pick<StageSettings, 'streams' | 'lateEvents'>) {
  const { standard, priority } = streams;
  const all: { readonly verb: ConsumerVerb; readonly capacity: StreamCapacity }[] = [
    { verb: 'consume', capacity: standard },
  ];
  if ('mode' in priority) all.push({ verb: 'consume-priority', capacity: priority });
  if ('streamCapacity' in lateEvents) all.push({ verb: 'consume-late', capacity: lateEvents.streamCapacity });
  return all;
}

/** All but the consumers of streams, and the probe, that it leaves out. */
export function functionsOfStage(
  stage: Pick<StageSettings, 'streams' | 'lateEvents' | 'probe'>,
): readonly FunctionVerb[] {
  const consumers: readonly FunctionVerb[] = streamsOfStage(stage).map(({ verb }) => verb);
  return functionVerbs.filter((verb) => {
    if (verb === 'probe') return stage.probe === true;
    return !verb.startsWith('consume') || consumers.includes(verb);
  });
}

export class InvalidStage extends Error {
  override readonly name = 'InvalidStage';
}

export function checkStage(candidate: unknown): StageSettings {
  const result = stageSchema.safeParse(candidate);
  if (result.success) return result.data;
  const name = (candidate as { name?: unknown } | null)?.name;
  const messages = result.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? [issue.keys.join(', ')] : [];
    return `${[...issue.path, ...unknown].join('.')}: ${issue.message}`;
  });
  throw new InvalidStage(`Stage "${String(name)}" is not valid:\n  ${messages.join('\n  ')}`);
}
