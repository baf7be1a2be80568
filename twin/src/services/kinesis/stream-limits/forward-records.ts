// Hands records on in one PutRecords, or in several where the engine would not read so long a body: the cap is to be
// that of AWS.

import type { AwsAnswer, AwsCall, Next } from '../../../core/proxy/aws-call.ts';
import { bodyOf, type Json, jsonBody } from '../../../core/proxy/json-body.ts';

/** The limit of kinesalite. In base64 the 10 MiB that a request may have are more. */
const engineMaxBodyBytes = 7 * 1_048_576;

export function fitsEngine(body: Buffer): boolean {
  return body.byteLength <= engineMaxBodyBytes;
}

/** Where one of several parts is refused, the whole call is: the caller then puts all records again. */
export async function forwardRecords(
  call: AwsCall,
  input: Json,
  records: readonly Json[],
  next: Next,
): Promise<AwsAnswer> {
  const body = bodyOf({ ...input, Records: records });
  if (fitsEngine(body) || records.length === 1) return next({ ...call, body });
  const middle = Math.ceil(records.length / 2);
  const first = await forwardRecords(call, input, records.slice(0, middle), next);
  if (first.status !== 200) return first;
  const second = await forwardRecords(call, input, records.slice(middle), next);
  if (second.status !== 200) return second;
  return { ...second, body: bodyOf(joined(jsonBody(first.body), jsonBody(second.body))) };
}

function joined(first: Json | undefined, second: Json | undefined): Json {
  return { ...second, Records: [...recordsIn(first), ...recordsIn(second)] };
}

export function recordsIn(output: Json | undefined): readonly Json[] {
  return Array.isArray(output?.Records) ? output.Records : [];
}
