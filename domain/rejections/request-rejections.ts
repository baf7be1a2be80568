// What was rejected of one request, as it travels on the stream: counts by code and field, and a sample of some. The
// request has one API key and one client. All of it is bounded, however large the batch is and whatever is in it.

import type { ProblemCode } from '../api/problems.ts';
import { otherName } from '../documents/names.ts';
import type { RejectedEvent } from '../event/batch.ts';
import type { RejectionCode } from '../event/event.ts';
import { isKept, type KeptEvents, type RejectionName } from './kept-events.ts';

/** Problems of a request whose events cannot be told. It counts as one rejection. */
export const unreadableRequests = [
  'invalid_json',
  'empty_body',
  'invalid_gzip',
  'batch_too_large',
  'unsupported_media_type',
] as const satisfies readonly ProblemCode[];

/** `no_valid_event`: of a batch without any event. */
export type RequestCode = (typeof unreadableRequests)[number] | 'no_valid_event';

export type RejectionSample = RejectionName & {
  readonly message: string;
  /** JSON, redacted and cut. Absent of a request whose events cannot be told, and of what cannot be shown within its bound. */
  readonly event?: string;
};

export type RequestRejections = {
  readonly keyId: string;
  readonly client: string;
  readonly counts: readonly (RejectionName & { readonly count: number })[];
  readonly samples: readonly RejectionSample[];
  /** If the account keeps what was rejected. */
  readonly kept?: KeptEvents;
};

/** Of a body, decompressed. One that is as large as its bounds allow is half of it. */
export const maxRejectionsBytes = 512 * 1024;

const most = { counts: 16, samples: 4 } as const;
export const longest = { code: 40, field: 128, keyId: 64, client: 64, message: 240, event: 1024 } as const;

/** Of a rejected event, or of a request as a whole. */
export type Rejected = Pick<RejectedEvent, 'field' | 'message'> & {
  readonly code: RejectionCode | RequestCode;
};

export type Sender = { readonly keyId: string; readonly client: string };

type Ways = {
  /** Makes a text harmless: the name of a field can be one that the client made up, and a message can quote it. */
  readonly hide: (text: string) => string;
  /** Of the rejected event at this place of the list. Asked only for those that become samples. */
  readonly sample: (index: number) => string | undefined;
};

export function rejectionsOf(
  rejected: readonly Rejected[],
  sender: Sender,
  { hide, sample }: Ways,
): RequestRejections {
  const counts = new Map<string, { readonly name: RejectionName; count: number; readonly first: number }>();
  for (const [index, { code, field = '' }] of rejected.entries()) {
    // Of what is past the bound only the code is told.
    const own = { code, field: cut(hide(field), longest.field) };
    const known = counts.get(nameOf(own));
    const name = known || counts.size < most.counts ? own : { code, field: otherName };
    const found = counts.get(nameOf(name));
    if (found) found.count += 1;
    else counts.set(nameOf(name), { name, count: 1, first: index });
  }
  const named = [...counts.values()].filter(({ name }) => name.field !== otherName);
  const samples = named.slice(0, most.samples).flatMap(({ first }): RejectionSample[] => {
    const rejection = rejected[first];
    const event = sample(first);
    return rejection ? [{ ...explained(rejection, hide), ...(event !== undefined && { event }) }] : [];
  });
  return {
    keyId: cut(sender.keyId, longest.keyId),
    client: cut(sender.client, longest.client),
    counts: [...counts.values()].map(({ name, count }) => ({ ...name, count })),
    samples,
  };
}

export const nameOf = ({ code, field }: RejectionName): string => `${code} ${field}`;

/** The name of a rejection and its message, harmless and within their bounds. */
export const explained = (
  { code, field = '', message }: Rejected,
  hide: (text: string) => string,
): RejectionName & { readonly message: string } => ({
  code,
  field: cut(hide(field), longest.field),
  message: cut(hide(message), longest.message),
});

const cut = (text: string, mostCharacters: number): string =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1).toWellFormed()}…`;

/** Whoever can put a record on the stream can make a checksum, too. */
export function isRequestRejections(value: unknown): value is RequestRejections {
  const { keyId, client, counts, samples, kept } = fieldsOf(value);
  return (
    isText(keyId, longest.keyId) &&
    isText(client, longest.client) &&
    isListOf(counts, most.counts * 2, (each) => isName(each) && isCount(fieldsOf(each).count)) &&
    isListOf(samples, most.samples, (each) => {
      const { event } = fieldsOf(each);
      return isExplained(each) && (event === undefined || isText(event, longest.event));
    }) &&
    (kept === undefined || isKept(fieldsOf(kept), isExplained))
  );
}

const isExplained = (value: unknown): boolean =>
  isName(value) && isText(fieldsOf(value).message, longest.message);
const isName = (value: unknown): boolean => {
  const { code, field } = fieldsOf(value);
  return isText(code, longest.code) && isText(field, longest.field);
};
const isText = (value: unknown, mostCharacters: number): boolean =>
  typeof value === 'string' && value.length <= mostCharacters;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isListOf = (value: unknown, mostItems: number, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= mostItems && value.every(isItem);
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
