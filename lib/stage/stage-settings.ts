// What has to be said of a stage, checked before anything is synthesized: a stage that passes is complete, and one
// that does not is refused by its name, the name of the setting and what would be right.

import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as z from 'zod';
import { tiers } from '../../domain/accounts/tiers.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { guardMs } from '../../domain/storing/record-outcome.ts';
import type { FunctionVerb } from '../../domain/system/functions.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';

/** The retention periods that CloudWatch Logs accepts. */
const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** Just these settings; another is told by its name and the known ones. */
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

/** On, or left out for a reason that the reader of the stage can judge. */
const presence = z.union([z.literal(true), settings({ leftOut: z.literal(true), reason })], {
  error: 'must be true, or { leftOut: true, reason } with a reason',
});

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

const nameError = 'must be 2 to 16 lower-case letters and digits, starting with a letter';
const regionError = 'must be a region that the CDK knows, such as eu-central-1';

const stageSchema = settings({
  name: z.string({ error: nameError }).regex(/^[a-z][a-z0-9]{1,15}$/, { error: nameError }),
  /** Absent: the region of whoever deploys. */
  region: z.string({ error: regionError }).refine(isRegion, { error: regionError }).optional(),
  streamCapacity: capacity,
  streamRetentionHours: wholeNumber(24, 8760),
  /** Tables, stream, bucket and logs outlive their stack, and neither they nor the stack can be deleted by slip. */
  protect: z.boolean({ error: 'must be true or false' }),
  logRetentionDays: z.literal(logRetentionDays, {
    error: `must be one of the periods of CloudWatch Logs: ${logRetentionDays.join(', ')}`,
  }),
  failedRecordsRetentionDays: wholeNumber(1, 3650),
  reservedConcurrency: settings({
    authorize: reservation,
    ingest: reservation,
    consume: reservation,
    read: reservation,
    report: reservation,
    settle: reservation,
  } satisfies Record<FunctionVerb, typeof reservation>),
  /** Batches of one shard that are consumed at once; the order of a partition key is kept. */
  parallelizationFactor: wholeNumber(1, 10),
  /** Whether the gateway asks for the key of a usage plan, which holds the request rate of an account. */
  planKeys: presence,
  alarms: presence,
  tracing: presence,
}).superRefine((stage, context) => {
  const say = (setting: keyof typeof stage, message: string) =>
    context.addIssue({ code: 'custom', path: [setting], message });
  if (stage.streamRetentionHours <= delivery.maxRecordAgeHours)
    say(
      'streamRetentionHours',
      `must be above the greatest age of a record, ${delivery.maxRecordAgeHours} hours`,
    );
  if (stage.streamRetentionHours > mostStreamHours)
    say(
      'streamRetentionHours',
      `must be at most ${mostStreamHours} hours: what is read again later finds no receipt that says it was counted`,
    );
  const { streamCapacity, parallelizationFactor, reservedConcurrency } = stage;
  if (streamCapacity.mode !== 'provisioned' || typeof reservedConcurrency.consume !== 'number') return;
  // Lanes that find no instance free are throttled, and their records age.
  const lanes = streamCapacity.shards * parallelizationFactor;
  if (reservedConcurrency.consume < lanes)
    say('reservedConcurrency', `consume must be at least shards × parallelizationFactor, ${lanes}`);
});

/** Receipts of the tier that keeps events for the shortest guard counting for so long (R6). */
const mostStreamHours =
  (Math.min(...Object.values(tiers).map(({ retentionDays }) => retentionDays)) * dayMs + guardMs) / hourMs;

function isRegion(name: string): boolean {
  return RegionInfo.regions.some((region) => region.name === name);
}

type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };
export type StageSettings = DeepReadonly<z.infer<typeof stageSchema>>;
export type Reservation = StageSettings['reservedConcurrency'][FunctionVerb];

export class InvalidStage extends Error {
  override readonly name = 'InvalidStage';
}

export function checkStage(candidate: unknown): StageSettings {
  const result = stageSchema.safeParse(candidate);
  if (result.success) return result.data;
  const name = (candidate as { name?: unknown } | null)?.name;
  const complaints = result.error.issues.map((issue) => {
    const wrong = issue.code === 'unrecognized_keys' ? [issue.keys.join(', ')] : [];
    return `${[...issue.path, ...wrong].join('.')}: ${issue.message}`;
  });
  throw new InvalidStage(`Stage "${String(name)}" is not valid:\n  ${complaints.join('\n  ')}`);
}
