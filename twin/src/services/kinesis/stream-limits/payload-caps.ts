// How large a record with its partition key, and all records of a PutRecords together, may be. The engine looks at the
// data of each record alone.

import type { PutEntry } from './put-request.ts';

/** The limit of a stream whose MaxRecordSizeInKiB was not raised. */
const maxRecordBytes = 1_048_576;
/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const maxRequestBytes = 10 * 1_048_576;

/** Why AWS takes nothing of the call. */
export function tooLargeMessage(entries: readonly PutEntry[]): string | undefined {
  const totalBytes = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  // As AWS said it of the 5 MB that were the cap until 2025.
  if (totalBytes > maxRequestBytes) return 'Records size exceeds 10 MB limit';
  // AWS's own words are not known.
  return entries.some(({ bytes }) => bytes > maxRecordBytes)
    ? `A record and its partition key exceed ${maxRecordBytes} bytes`
    : undefined;
}
