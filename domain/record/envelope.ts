// The format of a stream record: a fixed beginning, a small readable header and a compressed body. The beginning is the
// same in every version: a checksum of all that comes before the body, the version, which record it is, and of how many
// events. So a release can name a record of a version that it does not know, and the partition key says whose it is. If
// only the body is damaged, the header says the rest.
//
//   bytes   4     4         1        1  n         2     2       2  m       rest
//           WEIR  checksum  version  n  batch id  part  events  m  header  body

import { crc32 } from 'node:zlib';
import type { AcceptedEvent } from '../event/event.ts';
import { isAccountId, isEnvironment, isGeneration, mostSlot, streamKey, type Tenant } from '../keys.ts';
import {
  isRequestRejections,
  maxRejectionsBytes,
  type RequestRejections,
} from '../rejections/request-rejections.ts';
import { packText, unpackText } from '../system/packed-text.ts';

const magic = Buffer.from('WEIR');
const version = 2;
/** For each version the tests keep a record that was written by it. */
export const readableVersions: readonly number[] = [version];
const checksumAt = magic.length;
const versionAt = checksumAt + 4;
const idAt = versionAt + 1;
/** Decompressed. A batch is 512 KiB of JSON as sent, but numbers such as 1e20 are stored longer than they were sent. */
const maxBodyBytes = 16 * 1024 * 1024;

const maxParts = 4095;
/** The part of a record of rejections. A batch has at most as many parts as events, so that no record of events has it. */
export const rejectionsPart = maxParts - 1;
const maxLayout = 255;
const maxRetentionDays = 65_535;
const maxTextLength = 128;

/**
 * How a record is split into pages (R5). The envelope names the layout, so that later versions of the code write the
 * same keys.
 */
export type PageLayout = 1;
export const currentPageLayout: PageLayout = 1;
export const knownLayouts: readonly PageLayout[] = [1];

/** What a record carries: accepted events, or what was rejected of a request. */
const kinds = ['events', 'rejections'] as const;
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

/** A record of rejections has no events: nothing of it is claimed, stored or counted as received. */
export type Envelope = { readonly header: EnvelopeHeader; readonly events: readonly AcceptedEvent[] };
/** `bodyBytes`: of the events as JSON. */
export type DecodedEnvelope = Envelope & { readonly bodyBytes: number };

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
  constructor(what: string, record: EnvelopeName) {
    super(`it has ${what}`);
    this.record = record;
  }
}

type WireHeader = Omit<EnvelopeHeader, keyof EnvelopeName> & { readonly checksum: number };

/** The compressed body of a record. Made before the header, which states how many parts the batch has. */
export type EncodedBody = { readonly bytes: Uint8Array; readonly events: number };

export function encodeBody(events: readonly AcceptedEvent[]): EncodedBody {
  return { bytes: packText(JSON.stringify(events), 1), events: events.length };
}

export function encodeRejections(rejections: RequestRejections): EncodedBody {
  return { bytes: packText(JSON.stringify(rejections), 1), events: 0 };
}

export function encodeEnvelope(
  { batchId, part, ...header }: Omit<EnvelopeHeader, 'events'>,
  { bytes, events }: EncodedBody,
): Uint8Array {
  const wire: WireHeader = { ...header, checksum: crc32(bytes) };
  const head = Buffer.from(JSON.stringify(wire));
  const id = Buffer.from(batchId);
  const beginning = Buffer.alloc(idAt + 1 + id.length + 6);
  magic.copy(beginning);
  beginning.writeUInt8(version, versionAt);
  let at = beginning.writeUInt8(id.length, idAt);
  at += id.copy(beginning, at);
  at = beginning.writeUInt16BE(part, at);
  at = beginning.writeUInt16BE(events, at);
  beginning.writeUInt16BE(head.length, at);
  const sealed = Buffer.concat([beginning, head, bytes]);
  const bodyStart = beginning.length + head.length;
  sealed.writeUInt32BE(crc32(sealed.subarray(versionAt, bodyStart)), checksumAt);
  return sealed;
}

/**
 * Reads the header without decoding the body. Throws UnreadableEnvelope. The partition key that the record had on the
 * stream, if it is known, must be that of the header.
 */
export const readHeader = (data: Uint8Array, partitionKey?: string): EnvelopeHeader =>
  splitEnvelope(data, partitionKey).header;

export function decodeEnvelope(data: Uint8Array): DecodedEnvelope {
  const { header, body } = checkedBody(data);
  if (header.kind === 'rejections') return { header, events: [], bodyBytes: 0 };
  if (!knownLayouts.includes(header.layout)) {
    throw new UnreadableEnvelope(`this version of the code does not know layout ${header.layout}`, header);
  }
  const { value: events, bodyBytes } = parseBody(body, maxBodyBytes, header);
  // The intake counts as received what the header says, so it must be the number of events that can be stored.
  if (!Array.isArray(events) || events.length !== header.events) {
    throw new UnreadableEnvelope('the number of events differs from the header', header);
  }
  return { header, events, bodyBytes };
}

/** Of a record of rejections. */
export function decodeRejections(data: Uint8Array): RequestRejections {
  const { header, body } = checkedBody(data);
  const { value } = parseBody(body, maxRejectionsBytes, header);
  if (header.kind !== 'rejections' || !isRequestRejections(value))
    throw new UnreadableEnvelope('it holds no rejections that this version of the code can read', header);
  return value;
}

function checkedBody(data: Uint8Array): Pick<Split, 'header' | 'body'> {
  const { header, body, checksum } = splitEnvelope(data);
  if (crc32(body) !== checksum) throw new UnreadableEnvelope('the checksum does not match', header);
  return { header, body };
}

function parseBody(body: Buffer, maxBytes: number, header: EnvelopeHeader) {
  try {
    const text = unpackText(body, maxBytes);
    return { value: JSON.parse(text.toString()) as unknown, bodyBytes: text.length };
  } catch {
    // The parser's message would quote what a client sent.
    throw new UnreadableEnvelope('the body cannot be decoded', header);
  }
}

type Split = { readonly header: EnvelopeHeader; readonly body: Buffer; readonly checksum: number };

function splitEnvelope(data: Uint8Array, partitionKey?: string): Split {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length <= idAt || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new UnreadableEnvelope('it does not begin with WEIR');
  }
  const { headStart, bodyStart, ...name } = readName(bytes);
  if (crc32(bytes.subarray(versionAt, bodyStart)) !== bytes.readUInt32BE(checksumAt))
    throw new UnreadableEnvelope('its beginning or its header is damaged');
  const found = bytes.readUInt8(versionAt);
  if (found > version) throw new NewerEnvelope(`version ${found}, not ${version}`, name);
  if (!readableVersions.includes(found))
    throw new UnreadableEnvelope(`this version of the code does not know envelope version ${found}`);
  let wire: unknown;
  try {
    wire = JSON.parse(bytes.subarray(headStart, bodyStart).toString());
  } catch {
    throw new UnreadableEnvelope('the header is not JSON');
  }
  if (isOfLaterKind(wire)) throw new NewerEnvelope('a kind that is not known yet', name);
  if (!isHeader(wire) || name.part >= wire.parts || (wire.kind === 'rejections' && name.events > 0))
    throw new UnreadableEnvelope('a field of the header is missing or invalid');
  const { checksum, ...rest } = wire;
  const header = { ...rest, ...name };
  if (partitionKey !== undefined && partitionKey !== streamKey(header.tenant, header.slot, header.late))
    throw new UnreadableEnvelope('it is not where its header belongs: the partition key is another');
  return { header, body: bytes.subarray(bodyStart), checksum };
}

function readName(bytes: Buffer): EnvelopeName & { readonly headStart: number; readonly bodyStart: number } {
  const idEnd = idAt + 1 + bytes.readUInt8(idAt);
  const headStart = idEnd + 6;
  const bodyStart = headStart <= bytes.length ? headStart + bytes.readUInt16BE(idEnd + 4) : bytes.length + 1;
  const batchId = bytes.toString('latin1', idAt + 1, idEnd);
  if (bodyStart > bytes.length || !batchIdPattern.test(batchId))
    throw new UnreadableEnvelope('its beginning or its header is damaged');
  const part = bytes.readUInt16BE(idEnd);
  const events = bytes.readUInt16BE(idEnd + 2);
  return { batchId, part, events, headStart, bodyStart };
}

const isOfLaterKind = (wire: unknown): boolean => {
  const { kind } = (wire ?? {}) as Partial<WireHeader>;
  return typeof kind === 'string' && !kinds.some((known) => known === kind);
};

/** Validates the fields: whoever can put a record on the stream can make a checksum, too. */
function isHeader(wire: unknown): wire is WireHeader {
  if (typeof wire !== 'object' || wire === null) return false;
  const { tenant, kind, late, receivedAtMs, retentionDays, checksum, ...rest } = wire as Partial<WireHeader>;
  const { account = '', environment = '', generation = -1 } = tenant ?? {};
  return (
    isAccountId(account) &&
    isEnvironment(environment) &&
    isGeneration(generation) &&
    kinds.some((known) => known === kind) &&
    typeof late === 'boolean' &&
    typeof checksum === 'number' &&
    isCount(rest.parts, maxParts) &&
    isCount(rest.slot, mostSlot) &&
    isCount(rest.layout, maxLayout) &&
    isCount(receivedAtMs, lastInstantMs) &&
    isCount(retentionDays, maxRetentionDays) &&
    isText(rest.region) &&
    isText(rest.requestId) &&
    (rest.trace === undefined || isText(rest.trace))
  );
}

/** The last one that a sort key can hold. */
export const lastInstantMs = 9_999_999_999_999;
const batchIdPattern = /^[A-Za-z0-9_-]{1,64}$/;
const isCount = (value: unknown, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= maxTextLength;
