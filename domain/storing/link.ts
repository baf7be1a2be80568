// A link of a claim log: the claims of one call in one window, or a release. It is written once and never changed. In
// bytes, because that is what a claim costs: 19 for an id with a time, 12 for one of a batch.
//
//   link      layout 1, checksum of the link before it 4, digits of an id 1, then sections, each of one record
//   section   kind 1, seed 15, part 2, until 6, ids 2, then of claims: slot 1, width 1, pages 1, and each page: second 4,
//             part 1
//   id        half its digits in bytes, and of a claim: digest 8, page 1 if its section has several

import { crc32 } from 'node:zlib';
import { pageSortKey } from '../keys.ts';
import { seedBytes } from '../record/batch-id.ts';
import { type RecordId, recordId, splitRecordId } from '../record/record-id.ts';
import { Unavailable } from '../system/unavailable.ts';
import type { Identity } from './identity.ts';
import { pagePointer, placeOfPointer } from './pages.ts';

/** The first link of a log says how the log is laid out. A later layout can spread one window over several logs. */
const layout = 0;
const claimed = 0;
const released = 1;
const previousAt = 1;
const digitsAt = 5;
const headBytes = 6;
const sectionBytes = 1 + seedBytes + 2 + 6 + 2;
const claimsHeadBytes = 3;
const pageBytes = 5;
const digestBytes = 8;
/** A byte names a page within its section. */
const mostPages = 256 - 1;

export type ClaimInLog = Identity & { readonly id: string };
export type ReleaseInLog = Pick<Identity, 'record' | 'untilMs'> & { readonly ids: readonly string[] };

/** A later release wrote it. Its records wait, as in an outage. */
export class UnknownLink extends Unavailable {
  override readonly name = 'UnknownLink';
}

/** Of the data of a link. The next one names it. */
export type LinkChecksum = number;

/** What the first link of a log names. */
export const noLink: LinkChecksum = 0;

export const checksumOfLink = (data: Uint8Array): LinkChecksum => crc32(data);

export function linkOfClaims(previous: LinkChecksum, claims: readonly ClaimInLog[]): Uint8Array {
  const parts = sectionsOf(claims).map(claimsToBytes);
  return Buffer.concat([headOf(previous, claims[0]?.id ?? ''), ...parts]);
}

export function linkOfRelease(previous: LinkChecksum, { record, untilMs, ids }: ReleaseInLog): Uint8Array {
  const head = sectionHead(released, { record, untilMs }, ids.length);
  return Buffer.concat([headOf(previous, ids[0] ?? ''), head, ...ids.map((id) => Buffer.from(id, 'hex'))]);
}

function headOf(previous: LinkChecksum, id: string): Buffer {
  const bytes = Buffer.alloc(headBytes);
  bytes.writeUInt8(layout, 0);
  bytes.writeUInt32BE(previous, previousAt);
  bytes.writeUInt8(id.length, digitsAt);
  return bytes;
}

type Section = { readonly claims: ClaimInLog[]; readonly pages: Map<string, number> };

/** Of one record and of as many pages as a byte can name. */
function sectionsOf(claims: readonly ClaimInLog[]): Section[] {
  const sections: Section[] = [];
  const last = new Map<RecordId, Section>();
  for (const claim of claims) {
    let section = last.get(claim.record);
    if (!section || (section.pages.size === mostPages && !section.pages.has(claim.page))) {
      section = { claims: [], pages: new Map() };
      last.set(claim.record, section);
      sections.push(section);
    }
    section.claims.push(claim);
    if (!section.pages.has(claim.page)) section.pages.set(claim.page, section.pages.size);
  }
  return sections;
}

function claimsToBytes({ claims, pages }: Section): Buffer {
  const [first] = claims as [ClaimInLog];
  const places = [...pages.keys()].map(placeOfPointer);
  const [{ slot, width }] = places as [(typeof places)[number]];
  const idBytes = first.id.length / 2;
  const entryBytes = idBytes + digestBytes + bytesOfPage(places);
  const start = sectionBytes + claimsHeadBytes + places.length * pageBytes;
  const bytes = Buffer.alloc(start + claims.length * entryBytes);
  bytes.set(sectionHead(claimed, first, claims.length));
  bytes.set([slot, width, places.length], sectionBytes);
  places.forEach(({ startMs, part }, index) => {
    const at = sectionBytes + claimsHeadBytes + index * pageBytes;
    bytes.writeUInt32BE(startMs / 1000, at);
    bytes.writeUInt8(part, at + 4);
  });
  claims.forEach(({ id, digest, page }, index) => {
    const at = start + index * entryBytes;
    bytes.write(id, at, 'hex');
    bytes.set(digest, at + idBytes);
    if (places.length > 1) bytes.writeUInt8(pages.get(page) ?? 0, at + idBytes + digestBytes);
  });
  return bytes;
}

const bytesOfPage = (pages: readonly unknown[]): number => (pages.length > 1 ? 1 : 0);

function sectionHead(
  kind: number,
  { record, untilMs }: Pick<Identity, 'record' | 'untilMs'>,
  ids: number,
): Buffer {
  const { seed, part } = splitRecordId(record);
  const bytes = Buffer.alloc(sectionBytes);
  bytes.writeUInt8(kind, 0);
  bytes.write(seed, 1, seedBytes, 'base64url');
  bytes.writeUInt16BE(part, 1 + seedBytes);
  bytes.writeUIntBE(untilMs, 3 + seedBytes, 6);
  bytes.writeUInt16BE(ids, 9 + seedBytes);
  return bytes;
}

/** The claims, or the releases, of one record. What it holds stays in bytes until someone asks. */
export class LinkSection {
  readonly record: RecordId;
  readonly untilMs: number;
  readonly isRelease: boolean;
  readonly ids: number;
  readonly #bytes: Buffer;
  readonly #idBytes: number;
  readonly #pages: readonly string[];
  readonly #firstAt: number;
  readonly #entryBytes: number;

  constructor(bytes: Buffer, at: number, idBytes: number) {
    const [seedAt, partAt] = [at + 1, at + 1 + seedBytes];
    this.isRelease = bytes.readUInt8(at) === released;
    this.record = recordId(bytes.toString('base64url', seedAt, partAt), bytes.readUInt16BE(partAt));
    this.untilMs = bytes.readUIntBE(partAt + 2, 6);
    this.ids = bytes.readUInt16BE(partAt + 8);
    this.#bytes = bytes;
    this.#idBytes = idBytes;
    const pagesAt = at + sectionBytes;
    this.#pages = this.isRelease ? [] : readPages(bytes, pagesAt, this.record);
    const ofPages = this.isRelease ? 0 : claimsHeadBytes + this.#pages.length * pageBytes;
    this.#firstAt = pagesAt + ofPages;
    this.#entryBytes = idBytes + (this.isRelease ? 0 : digestBytes + bytesOfPage(this.#pages));
  }

  get endsAt(): number {
    return this.#firstAt + this.ids * this.#entryBytes;
  }

  idAt(index: number): string {
    const at = this.#firstAt + index * this.#entryBytes;
    return this.#bytes.toString('hex', at, at + this.#idBytes);
  }

  claimAt(index: number): Identity {
    const digestAt = this.#firstAt + index * this.#entryBytes + this.#idBytes;
    const pageAt = digestAt + digestBytes;
    return {
      record: this.record,
      untilMs: this.untilMs,
      digest: this.#bytes.subarray(digestAt, pageAt),
      page: this.#pages[this.#pages.length > 1 ? this.#bytes.readUInt8(pageAt) : 0] ?? '',
    };
  }
}

export const previousOf = (data: Uint8Array): LinkChecksum => openLink(data).readUInt32BE(previousAt);

/** In the order in which they were written. */
export function sectionsIn(data: Uint8Array): LinkSection[] {
  const bytes = openLink(data);
  const idBytes = (bytes[digitsAt] ?? 0) / 2;
  const sections: LinkSection[] = [];
  for (let at = headBytes; at < bytes.length; ) {
    const section = new LinkSection(bytes, at, idBytes);
    sections.push(section);
    at = section.endsAt;
  }
  return sections;
}

function openLink(data: Uint8Array): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (bytes[0] !== layout) throw new UnknownLink(`A claim log has layout ${bytes[0]}.`);
  return bytes;
}

function readPages(bytes: Buffer, at: number, record: RecordId): string[] {
  const [slot = 0, width = 0, count = 0] = bytes.subarray(at, at + claimsHeadBytes);
  return Array.from({ length: count }, (_, index) => {
    const page = at + claimsHeadBytes + index * pageBytes;
    const sortKey = pageSortKey(width, bytes.readUInt32BE(page) * 1000, record, bytes.readUInt8(page + 4));
    return pagePointer(slot, sortKey);
  });
}
