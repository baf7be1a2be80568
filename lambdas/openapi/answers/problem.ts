// Problem documents (RFC 9457). Each code has the members that are common to all, and some have more.

import * as z from 'zod';
import { type ProblemCode, type ProblemDocument, problems } from '../../../domain/api/problems.ts';
import { batch_id, count, receipt, time } from './common.ts';
import { rejectedEvent } from './ingest.ts';

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

const common = {
  type: z.string().describe('`urn:weir:problem:` and the code'),
  title: z.string().describe('a short name for the code'),
  status: z.int().describe('the status of the answer'),
  detail: z.string().describe('what to do about it'),
  code: z.enum(codes).describe('what to decide by. Codes never change'),
  request_id: z.string().describe('the id of the request, also in `x-request-id`'),
  retry_after: z
    .optional(count)
    .describe('seconds to wait, also in `retry-after`. Absent if waiting does not help'),
};

const violated = {
  'violated-policies': z
    .optional(z.array(z.string()))
    .describe('the limits that are exceeded, as `RateLimit` names them'),
};
const rejected = { rejected: z.array(rejectedEvent).describe('the events that are wrong, and why') };

/** Members that only some codes have. */
const own = {
  invalid_json: { line: z.optional(count).describe('the line of NDJSON that is not JSON') },
  invalid_parameter: {
    parameter: z.string().describe('the parameter, or the member of the body, that is wrong'),
  },
  unsupported_media_type: { header: z.optional(z.string()).describe('the header that names the type') },
  no_valid_event: rejected,
  not_all_valid: rejected,
  rate_limited: violated,
  quota_exceeded: violated,
  batch_discarded: { batch_id, discarded: count.describe('how many events were discarded'), receipt },
  key_in_use: {
    last_used_at: time.describe('when the key was used last, to the minute'),
    last_used_by: z.string().describe('by which client'),
  },
  key_not_live: { state: z.string().describe('`expired` or `revoked`') },
  key_replaced: {
    replaced_by: z.string().describe('the id of the key that replaced it'),
    ends_at: time.describe('when the replaced key ends'),
  },
  replay_failed: { reason: z.string().describe('why the record cannot be stored') },
} satisfies { readonly [Code in ProblemCode]?: z.ZodRawShape };

/** The document as clients see it: any code, with the members of all. */
export const anyProblem = z
  .strictObject({
    ...common,
    ...Object.assign({}, ...Object.values(own).map((shape) => z.object(shape).partial().shape)),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457). Decide by `code`.' });

/** With a `status` and a `code` that agree. */
export const problemSchemaOf = (code: ProblemCode): z.ZodType<ProblemDocument> =>
  z.strictObject({
    ...common,
    code: z.literal(code),
    status: z.literal(problems[code].status),
    type: z.literal(`urn:weir:problem:${code}`),
    ...(own as { readonly [Code in ProblemCode]?: z.ZodRawShape })[code],
  });

/** Where an example needs more than all problems have. */
export const ownExamples: { readonly [Code in ProblemCode]?: Readonly<Record<string, unknown>> } = {
  invalid_parameter: { parameter: 'windw', detail: '"windw" is not known here.' },
  unsupported_media_type: { header: 'content-type' },
  no_valid_event: {
    rejected: [{ index: 0, code: 'missing_field', field: 'type', message: 'type is required.' }],
  },
  not_all_valid: {
    rejected: [
      { index: 1, event_id: 'order-4', code: 'missing_field', field: 'type', message: 'type is required.' },
    ],
  },
  batch_discarded: {
    batch_id: 'AZrhzgk4c9bTq0mR2XwfAQEAAAEAAB4Hn4Zk0Qm3Vx8bYd',
    discarded: 2,
    receipt: '/v1/batches/AZrhzgk4c9bTq0mR2XwfAQEAAAEAAB4Hn4Zk0Qm3Vx8bYd',
  },
  key_in_use: { last_used_at: '2026-11-30T10:44:00.000Z', last_used_by: 'analytics-node/3.1.0' },
  key_not_live: { state: 'revoked' },
  key_replaced: { replaced_by: '5d20f1e77c9a', ends_at: '2026-12-01T10:44:00.000Z' },
  replay_failed: { reason: 'failed' },
};
