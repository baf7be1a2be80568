// The stream record: `WEIR`, a version, a small readable header and a compressed body. A body that cannot be
// read still says whose it is and how much is missing. Old versions stay readable for ever.

import { crc32, constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AcceptedEvent } from '../event/event.ts';
import { isAccountId, isEnvironment, type Tenant } from '../keys.ts';

const magic = Buffer.from('WEIR');
const version = 1;
/** Of each there is a record as it was written then among the fixtures of the tests. */
export const readableVersions: readonly number[] = [version];
const prefixBytes = magic.length + 1 + 2;
/** Decompressed: 512 KiB of JSON as sent; numbers such as 1e20 may be written longer than they came. */
const maxBodyBytes = 16 * 1024 * 1024;

/** How pages are cut from a record (R5). The envelope names its layout, so that a later version writes the same keys. */
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
  /** A W3C traceparent; in records of before it was one, X-Ray's header. */
  readonly trace?: string;
};

export type Envelope = { readonly header: EnvelopeHeader; readonly events: readonly AcceptedEvent[] };

export class UnreadableEnvelope extends Error {
  override readonly name = 'UnreadableEnvelope';
  /** Present where the header could be read, so that the loss has an owner and a size. */
  readonly header: EnvelopeHeader | undefined;
  constructor(reason: string, header?: EnvelopeHeader) {
    super(`The record cannot be read: ${reason}`);
    this.header = header;
  }
}

type WireHeader = EnvelopeHeader & { readonly checksum: number };

/** The events of a record as they travel: compressed before the header, which tells how many records there are. */
export type SealedBody = { readonly bytes: Uint8Array; readonly events: number };

export function sealBody(events: readonly AcceptedEvent[]): SealedBody {
  const bytes = zstdCompressSync(JSON.stringify(events), {
    params: { [zlib.ZSTD_c_compressionLevel]: 1 },
  });
  return { bytes, events: events.length };
}

export function sealEnvelope(
  header: Omit<EnvelopeHeader, 'events'>,
  { bytes, events }: SealedBody,
): Uint8Array {
  const wire: WireHeader = { ...header, events, checksum: crc32(bytes) };
  const head = Buffer.from(JSON.stringify(wire));
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt8(version, magic.length);
  prefix.writeUInt16BE(head.length, magic.length + 1);
  return Buffer.concat([prefix, head, bytes]);
}

/** Whose it is and how much, without a look at the body. Throws UnreadableEnvelope. */
export function readHeader(data: Uint8Array): EnvelopeHeader {
  const { checksum: _, ...header } = splitEnvelope(data).wire;
  return header;
}

export function openEnvelope(data: Uint8Array): Envelope {
  const { wire, body } = splitEnvelope(data);
  const { checksum, ...header } = wire;
  if (crc32(body) !== checksum) throw new UnreadableEnvelope('the checksum does not match', header);
  if (!knownLayouts.includes(header.layout)) {
    throw new UnreadableEnvelope(`its layout ${header.layout} is not known here`, header);
  }
  let events: unknown;
  try {
    events = JSON.parse(zstdDecompressSync(body, { maxOutputLength: maxBodyBytes }).toString());
  } catch {
    // What the parser says would quote what a client sent.
    throw new UnreadableEnvelope('the body cannot be decoded', header);
  }
  // What is counted as received is what the header says: it has to be what there is to store.
  if (!Array.isArray(events) || events.length !== header.events) {
    throw new UnreadableEnvelope('the events are not as many as the header says', header);
  }
  return { header, events };
}

function splitEnvelope(data: Uint8Array): { wire: WireHeader; body: Buffer } {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < prefixBytes || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new UnreadableEnvelope('it does not begin as an envelope does');
  }
  const found = bytes.readUInt8(magic.length);
  if (!readableVersions.includes(found)) throw new UnreadableEnvelope(`version ${found} is not known here`);
  const bodyStart = prefixBytes + bytes.readUInt16BE(magic.length + 1);
  let wire: unknown;
  try {
    wire = JSON.parse(bytes.subarray(prefixBytes, bodyStart).toString());
  } catch {
    throw new UnreadableEnvelope('the header cannot be decoded');
  }
  if (!isHeader(wire)) throw new UnreadableEnvelope('the header is not one of ours');
  return { wire, body: bytes.subarray(bodyStart) };
}

/** The checksum is of the body alone, and keys, counts and times are made from these. */
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
