// What one rule of a fault plan says: which calls it is about, what becomes of them, and when.

import * as z from 'zod';

/** No key but these: one that is misspelt would be a fault that never comes. */
export function exactly<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has no ${issue.keys.join(', ')}; it takes ${known}`
        : `must be an object with ${known}`,
  });
}

function wholeNumber(minimum: number, error: string) {
  return z.int({ error }).min(minimum, { error });
}

function text(error: string) {
  return z.string({ error }).min(1, { error });
}

const milliseconds = wholeNumber(0, 'must be a whole number of milliseconds');
const share = (() => {
  const error = 'must be a number from 0 to 1';
  return z.number({ error }).min(0, { error }).max(1, { error });
})();
const code = z
  .string({ error: 'must be an error code of the service, in letters' })
  .regex(/^[A-Za-z][A-Za-z0-9.]*$/, { error: 'must be an error code of the service, in letters' });
const operationError =
  'must be the name of an operation as the page of calls shows it, or a list of such names';
const errorStatus = 'must be a whole number from 400 to 599';
const latencyError = 'must be whole milliseconds, or [least, most] of them';

const actions = [
  exactly({ kind: z.literal('throttle') }),
  exactly({
    kind: z.literal('error'),
    status: wholeNumber(400, errorStatus).max(599, { error: errorStatus }).optional(),
    code: code.optional(),
    message: text('must be the words of the error').optional(),
  }),
  exactly({
    kind: z.literal('latency'),
    ms: z.union([milliseconds, z.tuple([milliseconds, milliseconds])], { error: latencyError }),
  }),
  exactly({ kind: z.literal('drop_answer') }),
  exactly({ kind: z.literal('partial'), share, code: code.optional() }),
  exactly({
    kind: z.literal('kill'),
    moment: z.literal(['before', 'after'], { error: "must be 'before' or 'after' the call takes effect" }),
  }),
  exactly({ kind: z.literal('stop') }),
  exactly({
    kind: z.literal('deliver_twice'),
    together: z.boolean({ error: 'must be true (at the same time) or false (one after the other)' }),
  }),
] as const;

const kinds = actions.map(({ shape }) => shape.kind.value).join(', ');

export const faultRule = exactly({
  name: text('must be a word or a few that tell it from the others').optional(),
  on: exactly({
    caller: text("must be a function's label, or another caller that the page of calls shows").optional(),
    service: text('must be the name of a service as the page of calls shows it, such as dynamodb').optional(),
    operation: z
      .union([text(operationError), z.array(text(operationError)).min(1, operationError)], operationError)
      .optional(),
    /** The name of a table, stream, bucket, queue or topic. */
    resource: text('must be a name, the end of one, or one with * for any part').optional(),
    /** Anywhere in the body as it is sent: only calls about one account, one batch or one event. */
    text: text('must be what the body of a call holds, such as a key').optional(),
  }),
  do: z.discriminatedUnion('kind', actions, {
    error: ({ code }) =>
      `must be ${code === 'invalid_union' ? '' : 'an object with a kind, '}one of ${kinds}`,
  }),
  when: exactly({
    after_ms: milliseconds.optional(),
    for_ms: wholeNumber(1, 'must be a whole number of milliseconds, from 1').optional(),
    skip: wholeNumber(0, 'must be how many matching calls pass first, a whole number').optional(),
    times: wholeNumber(1, 'must be how often at most, a whole number from 1').optional(),
    share: share.optional(),
  }).optional(),
});

export type FaultRule = z.infer<typeof faultRule>;
export type FaultAction = FaultRule['do'];
/** What a fault may be about other than the deliveries of an event source mapping. */
export type CallAction = Exclude<FaultAction, { kind: 'stop' | 'deliver_twice' }>;
