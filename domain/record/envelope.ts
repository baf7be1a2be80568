// The format of a stream record: a fixed beginning, a small readable header and a compressed body. The beginning is the
// same in every version: which record it is, of how many events, and a checksum over all that follows. So a release
// can name a record of a version that it does not know, and the partition key says whose it is. If only the body
// cannot be decoded, the header says the rest.
//
//   bytes   4      1        4         1       n         2     2       2       m       rest
//           WEIR   version  checksum  n       batch id  part  events  m       header  body

import { crc32, constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AcceptedEvent } from '../event/event.ts';
import { isAccountId, isEnvironment, isGeneration, streamKey, type Tenant } from '../keys.ts';

const magic = Buffer.from('WEIR');
const version = 2;
/** For each version the tests keep a record that was written by it. */
export const readableVersions: readonly number[] = [version];
const checksumAt = magic.length + 1;
const checkedFrom = checksumAt + 4;
/** Decompressed. A batch is 512 KiB of JSON as sent, but numbers such as 1e20 are stored longer than they were sent. */
const maxBodyBytes = 16 * 1024 * 1024;

/** A record holds at most so many events. */
const maxRecordEvents = 1024;
const maxParts = 4095;
const maxSlot = 255;
const maxRetentionDays = 65_535;
const maxTextLength = 128;

/**
 * How a record is split into pages (R5). The envelope names the layout, so that later versions of the code write the
 * same keys.
 */
export type PageLayout = 1;
export const currentPageLayout: PageLayout = 1;
export const knownLayouts: readonly PageLayout[] = [1];

/** What a record carries. */
const kinds = ['events'] as const;
export type RecordKind = (typeof kinds)[number];

export type EnvelopeHeader = {
  readonly kind: RecordKind;
  readonly tenant: Tenant;
  readonly batchId: string;
  readonly part: number;
  readonly parts: number;
  readonly slot: number;
  /** Whether it is in the lane of late events. */
  readonly late: boolean;
  readonly layout: PageLayout;
  readonly events: number;
  readonly receivedAtMs: number;
  readonly retentionDays: number;
  readonly region: string;
  readonly requestId: string;
  /** A W3C traceparent. */
  readonly trace?: string;
};

export type Envelope = { readonly header: EnvelopeHeader; readonly events: readonly AcceptedEvent[] };

/** What every version of an envelope says at its beginning. */
export type EnvelopeName = Pick<EnvelopeHeader, 'batchId' | 'part' | 'events'>;

export class UnreadableEnvelope extends Error {
  override readonly name: string = 'UnreadableEnvelope';
  /** Present if the header could be read. It names the tenant and the number of events. */
  readonly header: EnvelopeHeader | undefined;
  constructor(reason: string, header?: EnvelopeHeader) {
    super(`The record cannot be read: ${reason}`);
    this.header = header;
  }
}

/** Written by a later release: nothing is wrong with it, and a later release can store it. */
export class NewerEnvelope extends UnreadableEnvelope {
  override readonly name = 'NewerEnvelope';
  readonly record: EnvelopeName;
  constructor(found: number, record: EnvelopeName) {
    super(`it has version ${found}, and this release knows ${version} at most`);
    this.record = record;
  }
}

type WireHeader = Omit<EnvelopeHeader, keyof EnvelopeName>;

/** The compressed events of a record. Made before the header, which states how many parts the batch has. */
export type EncodedBody = { readonly bytes: Uint8Array; readonly events: number };

export function encodeBody(events: readonly AcceptedEvent[]): EncodedBody {
  const bytes = zstdCompressSync(JSON.stringify(events), {
    params: { [zlib.ZSTD_c_compressionLevel]: 1 },
  });
  return { bytes, events: events.length };
}

export function encodeEnvelope(
  { batchId, part, ...header }: Omit<EnvelopeHeader, 'events'>,
  { bytes, events }: EncodedBody,
): Uint8Array {
  const wire: WireHeader = header;
  const head = Buffer.from(JSON.stringify(wire));
  const id = Buffer.from(batchId);
  const beginning = Buffer.alloc(checkedFrom + 1 + id.length + 6);
  magic.copy(beginning);
  beginning.writeUInt8(version, magic.length);
  let at = beginning.writeUInt8(id.length, checkedFrom);
  at += id.copy(beginning, at);
  at = beginning.writeUInt16BE(part, at);
  at = beginning.writeUInt16BE(events, at);
  beginning.writeUInt16BE(head.length, at);
  const sealed = Buffer.concat([beginning, head, bytes]);
  sealed.writeUInt32BE(crc32(sealed.subarray(checkedFrom)), checksumAt);
  return sealed;
}

/**
 * Reads the header without decoding the body. Throws UnreadableEnvelope. The partition key that the record had on the
 * stream, if it is known, must be that of the header.
 */
export const readHeader = (data: Uint8Array, partitionKey?: string): EnvelopeHeader =>
  splitEnvelope(data, partitionKey).header;

export function decodeEnvelope(data: Uint8Array): Envelope {
  const { header, body, isWhole } = splitEnvelope(data);
  if (!isWhole) throw new UnreadableEnvelope('the checksum does not match', header);
  if (!knownLayouts.includes(header.layout)) {
    throw new UnreadableEnvelope(`this version of the code does not know layout ${header.layout}`, header);
  }
  let events: unknown;
  try {
    events = JSON.parse(zstdDecompressSync(body, { maxOutputLength: maxBodyBytes }).toString());
  } catch {
    // The parser's message would quote what a client sent.
    throw new UnreadableEnvelope('the body cannot be decoded', header);
  }
  // The intake counts as received what the header says, so it must be the number of events that can be stored.
  if (!Array.isArray(events) || events.length !== header.events) {
    throw new UnreadableEnvelope('the number of events differs from the header', header);
  }
  return { header, events };
}

type Split = { readonly header: EnvelopeHeader; readonly body: Buffer; readonly isWhole: boolean };

function splitEnvelope(data: Uint8Array, partitionKey?: string): Split {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length <= checkedFrom || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new UnreadableEnvelope('it does not begin with WEIR');
  }
  const found = bytes.readUInt8(magic.length);
  const isWhole = crc32(bytes.subarray(checkedFrom)) === bytes.readUInt32BE(checksumAt);
  const { end, ...name } = readName(bytes);
  if (found > version && isWhole) throw new NewerEnvelope(found, name);
  if (!readableVersions.includes(found))
    throw new UnreadableEnvelope(`this version of the code does not know envelope version ${found}`);
  if (end + 2 > bytes.length) throw new UnreadableEnvelope('it ends in its header');
  const bodyStart = end + 2 + bytes.readUInt16BE(end);
  let wire: unknown;
  try {
    wire = JSON.parse(bytes.subarray(end + 2, bodyStart).toString());
  } catch {
    throw new UnreadableEnvelope('the header is not JSON');
  }
  if (!isHeader(wire)) throw new UnreadableEnvelope('a field of the header is missing or invalid');
  const header = { ...wire, ...name };
  if (partitionKey !== undefined && partitionKey !== streamKey(header.tenant, header.slot, header.late))
    throw new UnreadableEnvelope('it is not where its header belongs: the partition key is another');
  return { header, body: bytes.subarray(bodyStart), isWhole };
}

function readName(bytes: Buffer): EnvelopeName & { readonly end: number } {
  const idEnd = checkedFrom + 1 + bytes.readUInt8(checkedFrom);
  const end = idEnd + 4;
  const batchId = bytes.toString('latin1', checkedFrom + 1, idEnd);
  if (end > bytes.length || !batchIdPattern.test(batchId))
    throw new UnreadableEnvelope('its beginning is damaged');
  const part = bytes.readUInt16BE(idEnd);
  const events = bytes.readUInt16BE(idEnd + 2);
  if (part >= maxParts || events > maxRecordEvents) throw new UnreadableEnvelope('its beginning is damaged');
  return { batchId, part, events, end };
}

/**
 * Validates the fields from which keys, counts and times are made: a record whose checksum does not match is still
 * quarantined under what its header says.
 */
function isHeader(wire: unknown): wire is WireHeader {
  if (typeof wire !== 'object' || wire === null) return false;
  const { tenant, kind, late, receivedAtMs, retentionDays, ...rest } = wire as Partial<WireHeader>;
  const { account = '', environment = '', generation = -1 } = tenant ?? {};
  return (
    isAccountId(account) &&
    isEnvironment(environment) &&
    isGeneration(generation) &&
    kinds.some((known) => known === kind) &&
    typeof late === 'boolean' &&
    isCount(rest.parts, maxParts) &&
    isCount(rest.slot, maxSlot) &&
    isCount(rest.layout, maxSlot) &&
    isCount(receivedAtMs, lastInstantMs) &&
    isCount(retentionDays, maxRetentionDays) &&
    isText(rest.region) &&
    isText(rest.requestId) &&
    (rest.trace === undefined || isText(rest.trace))
  );
}

/** The last one that a sort key can hold. */
const lastInstantMs = 9_999_999_999_999;
const batchIdPattern = /^[A-Za-z0-9_-]{1,64}$/;
const isCount = (value: unknown, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= maxTextLength;
