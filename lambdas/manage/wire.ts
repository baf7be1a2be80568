// What a request to manage says: its query and its body, by strict schemas. What is unknown or wrong is named.

import * as z from 'zod/mini';
import { usualPublicEventsPerMinute } from '../../domain/accounts/api-keys.ts';
import type { RotationRequest } from '../../domain/accounts/key-changes.ts';
import { isPerson, longestPerson } from '../../domain/accounts/people.ts';
import { isKeyId } from '../../domain/accounts/secrets.ts';
import type { QueryName, RouteName } from '../../domain/api/routes.ts';
import { isAuditSortKey } from '../../domain/keys.ts';
import { type RecordId, readRecordId } from '../../domain/record/record-id.ts';
import { instantForms, parseInstant } from '../../domain/system/instants.ts';
import { dayMs } from '../../domain/system/time.ts';
import { type HttpRequest, headerOf, ProblemError } from '../edge/http.ts';
import { queryOf, wrongParameter } from '../edge/query.ts';
import { emptyBody, newKeyBody, newMemberBody, rotationBody } from './bodies.ts';

const instantFault = `must be a time: ${instantForms}`;
export const mostEntries = 100;
const limitFault = `must be a whole number from 1 to ${mostEntries}`;

const forceQuery = z.object({
  force: z.optional(z.enum(['true', 'false'], { error: 'must be true or false' })),
});
const auditQuery = z.object({
  from: z.optional(z.string()),
  to: z.optional(z.string()),
  limit: z.optional(z.string().check(z.regex(/^([1-9]\d?|100)$/, limitFault))),
  cursor: z.optional(z.string()),
});

export function readNewKey(request: HttpRequest) {
  queryOf(request, 'POST /v1/keys');
  const body = check(newKeyBody, readJson(request) ?? {});
  const { origins, events_per_minute: eventsPerMinute = usualPublicEventsPerMinute } = body;
  if (origins === undefined && body.events_per_minute !== undefined)
    throw wrongParameter('events_per_minute', 'is of public keys: name their origins too');
  if (origins && body.scopes.join() !== 'ingest')
    throw wrongParameter(
      'scopes',
      'must be ["ingest"] with origins: a public key sends events, and nothing else',
    );
  return { ...body, ...(origins && { openTo: { origins, eventsPerMinute } }) };
}

export function readRotation(request: HttpRequest): RotationRequest & { readonly keyId: string } {
  const { force } = readQuery(request, 'POST /v1/keys/{key_id}/rotate', forceQuery);
  const { overlap = dayMs } = check(rotationBody, readJson(request) ?? {});
  return { keyId: readKeyId(request), overlapMs: overlap, isForced: force === 'true' };
}

export function readRevocation(request: HttpRequest): { readonly keyId: string; readonly isForced: boolean } {
  const { force } = readQuery(request, 'DELETE /v1/keys/{key_id}', forceQuery);
  return { keyId: readKeyId(request), isForced: force === 'true' };
}

export function readKeyList(request: HttpRequest): void {
  queryOf(request, 'GET /v1/keys');
}

export function readMemberList(request: HttpRequest): void {
  queryOf(request, 'GET /v1/members');
}

export function readNewMember(request: HttpRequest) {
  queryOf(request, 'POST /v1/members');
  return check(newMemberBody, readJson(request) ?? {});
}

/** Answers the name. What was never a name is as unknown as one that no member has. */
export function readRemoval(request: HttpRequest): string {
  queryOf(request, 'DELETE /v1/members/{person}');
  const person = decodeOnce(request.pathParameters?.person ?? '', longestPerson);
  if (!isPerson(person)) throw new ProblemError('unknown_member');
  return person;
}

/** The gateway passes a path on as it was sent. Undefined if it is no encoding of so many ASCII characters at most. */
function decodeOnce(sent: string, longest: number): string | undefined {
  if (sent.length > longest * '%40'.length) return undefined;
  try {
    return decodeURIComponent(sent);
  } catch {
    return undefined;
  }
}

export function readRecord(request: HttpRequest, action: 'replay' | 'discard'): RecordId {
  queryOf(request, `POST /v1/quarantine/{record}/${action}`);
  check(emptyBody, readJson(request) ?? {});
  const record = readRecordId(request.pathParameters?.record ?? '');
  if (record === undefined) throw new ProblemError('not_in_quarantine');
  return record;
}

export type AuditRequest = {
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly limit: number;
  readonly at?: string;
};

export function readAuditRequest(request: HttpRequest, nowMs: number): AuditRequest {
  const { from, to, limit, cursor } = readQuery(request, 'GET /v1/audit', auditQuery);
  const instant = (parameter: 'from' | 'to', text: string) =>
    parseInstant(text, nowMs) ?? wrong(parameter, instantFault);
  const range = {
    fromMs: from === undefined ? 0 : instant('from', from),
    // This moment is in it.
    toMs: to === undefined ? nowMs + 1 : instant('to', to),
  };
  if (range.fromMs >= range.toMs) throw wrongParameter('from', 'must be before to');
  const at = cursor === undefined ? undefined : readCursor(cursor);
  return { range, limit: limit === undefined ? mostEntries : Number(limit), ...(at && { at }) };
}

/**
 * It carries no MAC: it is a place among the entries of the caller's account, whatever it says, and every one of them may be
 * read by another `from` and `to`.
 */
export const toCursor = (position: string): string => Buffer.from(position).toString('base64url');

function readCursor(cursor: string): string {
  const position = Buffer.from(cursor, 'base64url').toString();
  if (isAuditSortKey(position) && toCursor(position) === cursor) return position;
  throw wrongParameter('cursor', 'must be the next_cursor of an earlier answer');
}

/** What was never an id is as unknown as an id that no key has. */
function readKeyId({ pathParameters }: HttpRequest): string {
  const keyId = pathParameters?.key_id ?? '';
  if (!isKeyId(keyId)) throw new ProblemError('unknown_key');
  return keyId;
}

function readQuery<Name extends RouteName, T extends Readonly<Record<QueryName<Name>, z.ZodMiniType>>>(
  request: HttpRequest,
  route: Name,
  schema: z.ZodMiniObject<T>,
) {
  return check(schema, queryOf(request, route));
}

const mostBytes = 16 * 1024;

/** Undefined if there is no body. */
function readJson(request: HttpRequest): unknown {
  const bytes = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length === 0) return undefined;
  const [type = ''] = (headerOf(request, 'content-type') ?? 'application/json').split(';');
  if (type.trim().toLowerCase() !== 'application/json')
    throw new ProblemError('unsupported_media_type', {
      header: 'content-type',
      detail: 'Send the body as application/json.',
    });
  if (bytes.length > mostBytes)
    throw new ProblemError('bad_request', { detail: `The body is larger than ${mostBytes / 1024} KiB.` });
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new ProblemError('invalid_json', { detail: 'The body is not valid JSON. Send one JSON object.' });
  }
}

function check<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') throw wrongParameter(issue.keys[0] ?? '', 'is not known here');
  const [name] = issue?.path ?? [];
  if (name !== undefined) throw wrongParameter(String(name), issue?.message ?? 'is wrong');
  throw new ProblemError('invalid_parameter', {
    parameter: 'body',
    detail: 'The body must be a JSON object.',
  });
}

function wrong(name: string, fault: string): never {
  throw wrongParameter(name, fault);
}
