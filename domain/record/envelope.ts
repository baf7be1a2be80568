// The format of a stream record: `WEIR`, a version, a small readable header and a compressed body. If the body cannot
// be decoded, the header still says whose record it is and how many events it had. Old versions stay readable.

import { crc32, constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AcceptedEvent } from '../event/event.ts';
import { isAccountId, isEnvironment, type Tenant } from '../keys.ts';

const magic = Buffer.from('WEIR');
const version = 1;
/** For each version the tests keep a record that was written by it. */
export const readableVersions: readonly number[] = [version];
const prefixBytes = magic.length + 1 + 2;
/** Decompressed. A batch is 512 KiB of JSON as sent, but numbers such as 1e20 are stored longer than they were sent. */
const maxBodyBytes = 16 * 1024 * 1024;

/**
 * How a record is split into pages (R5). The envelope names the layout, so that later versions of the code write the
 * same keys.
 */
export type PageLayout = 1;
export const currentPageLayout: PageLayout = 1;
export const knownLayouts: readonly PageLayout[] = [1];

export type EnvelopeHeader = {
  readonly tenant: Tenant;
  readonly batchId: string;
  readonly part: number;
  readonly parts: number;
  readonly slot: number;
  readonly layout: PageLayout;
  readonly events: number;
  readonly receivedAtMs: number;
  readonly retentionDays: number;
  readonly region: string;
  readonly requestId: string;
  /** A W3C traceparent. Older records have X-Ray's header instead. */
  readonly trace?: string;
};

export type Envelope = { readonly header: EnvelopeHeader; readonly events: readonly AcceptedEvent[] };

export class UnreadableEnvelope extends Error {
  override readonly name = 'UnreadableEnvelope';
  /** Present if the header could be read. It names the tenant and the number of events. */
  readonly header: EnvelopeHeader | undefined;
  constructor(reason: string, header?: EnvelopeHeader) {
    super(`The record cannot be read: ${reason}`);
    this.header = header;
  }
}

type WireHeader = EnvelopeHeader & { readonly checksum: number };

/** The compressed events of a record. Made before the header, which states how many parts the batch has. */
export type EncodedBody = { readonly bytes: Uint8Array; readonly events: number };

export function encodeBody(events: readonly AcceptedEvent[]): EncodedBody {
  const bytes = zstdCompressSync(JSON.stringify(events), {
    params: { [zlib.ZSTD_c_compressionLevel]: 1 },
  });
  return { bytes, events: events.length };
}

export function encodeEnvelope(
  header: Omit<EnvelopeHeader, 'events'>,
  { bytes, events }: EncodedBody,
): Uint8Array {
  const wire: WireHeader = { ...header, events, checksum: crc32(bytes) };
  const head = Buffer.from(JSON.stringify(wire));
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt8(version, magic.length);
  prefix.writeUInt16BE(head.length, magic.length + 1);
  return Buffer.concat([prefix, head, bytes]);
}

/** Reads the header without decoding the body. Throws UnreadableEnvelope. */
export function readHeader(data: Uint8Array): EnvelopeHeader {
  const { checksum: _, ...header } = splitEnvelope(data).wire;
  return header;
}

export function decodeEnvelope(data: Uint8Array): Envelope {
  const { wire, body } = splitEnvelope(data);
  const { checksum, ...header } = wire;
  if (crc32(body) !== checksum) throw new UnreadableEnvelope('the checksum does not match', header);
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

function splitEnvelope(data: Uint8Array): { wire: WireHeader; body: Buffer } {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < prefixBytes || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new UnreadableEnvelope('it does not begin with WEIR');
  }
  const found = bytes.readUInt8(magic.length);
  if (!readableVersions.includes(found))
    throw new UnreadableEnvelope(`this version of the code does not know envelope version ${found}`);
  const bodyStart = prefixBytes + bytes.readUInt16BE(magic.length + 1);
  let wire: unknown;
  try {
    wire = JSON.parse(bytes.subarray(prefixBytes, bodyStart).toString());
  } catch {
    throw new UnreadableEnvelope('the header is not JSON');
  }
  if (!isHeader(wire)) throw new UnreadableEnvelope('a field of the header is missing or invalid');
  return { wire, body: bytes.subarray(bodyStart) };
}

/** Validates the fields from which keys, counts and times are made: the checksum covers only the body. */
function isHeader(wire: unknown): wire is WireHeader {
  if (typeof wire !== 'object' || wire === null) return false;
  const { tenant, batchId, receivedAtMs, retentionDays, requestId, ...rest } = wire as Partial<WireHeader>;
  const { account = '', environment = '' } = tenant ?? {};
  return (
    isAccountId(account) &&
    isEnvironment(environment) &&
    typeof batchId === 'string' &&
    batchIdPattern.test(batchId) &&
    [rest.part, rest.slot, rest.events, receivedAtMs, retentionDays].every(isCount) &&
    typeof requestId === 'string'
  );
}

const batchIdPattern = /^[A-Za-z0-9_-]{1,64}$/;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
