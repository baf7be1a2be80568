// The store of lanes: receipts, runs and documents. Each call is atomic for each item that it writes, and the functions
// of lambdas/counting are built of them so that they may end after any call.

import type { DayMark, DocumentKey, VersionedDocument } from '../documents/documents.ts';
import type { Lane, Position } from '../keys.ts';
import type { RecordId, RecordPlace } from '../record/record-id.ts';
import type { Receipt, ReceiptChange } from './receipt.ts';
import type { ExpiringRun, Run, RunList } from './runs.ts';

/** Without `to`, up to the newest. A page holds as many receipts as the store likes, or about `limit`. */
export type TailRange = {
  readonly after: Position;
  readonly to?: Position;
  readonly limit?: number;
};

/** Receipts of any state and mode, in order. `next`: where to go on. Undefined at the end of the range. */
export type TailPage = { readonly receipts: readonly Receipt[]; readonly next?: Position };

/** `nextMs`: the hour to go on from. Undefined at the end of the range. */
export type DocumentPage = { readonly documents: readonly VersionedDocument[]; readonly nextMs?: number };

export type LaneCommit = {
  readonly changes: readonly ReceiptChange[];
  readonly documents: readonly VersionedDocument[];
  readonly marks: readonly DayMark[];
};

/** `taken`: the records whose receipt has changed since it was read. If it is empty, a document has changed. */
export type CountResult =
  | { readonly outcome: 'committed' }
  | { readonly outcome: 'lost'; readonly taken: readonly RecordId[] };

/** undecided: the table did not take it in any try. */
export type PutResult = 'put' | 'exists' | 'undecided';

/** `units`: what reading it cost. */
export type CountedRecords = { readonly counted: ReadonlySet<RecordId>; readonly units: number };

export type Lanes = {
  /** Puts each receipt if there is none at its place. Results are in the order of the receipts. */
  putReceipts(receipts: readonly Receipt[]): Promise<PutResult[]>;
  /** Consistent. Returns expired receipts too, because a receipt guards counting for as long as it exists (R6). */
  receipts(places: readonly RecordPlace[]): Promise<Receipt[]>;
  /** Which of at most 100 records are counted, as of a moment ago: half the price. */
  counted(places: readonly RecordPlace[]): Promise<CountedRecords>;
  /** Consistent, page by page: not a snapshot. */
  tail(lane: Lane, range: TailRange): Promise<TailPage>;
  newest(lane: Lane): Promise<Receipt | undefined>;

  /** Consistent: the last run, or the last one that starts before a position. */
  lastRun(lane: Lane, before?: Position): Promise<Run | undefined>;
  /** May be stale. */
  lastFoldedRun(lane: Lane): Promise<Run | undefined>;
  /** False if a run starts there already. */
  announce(run: Run): Promise<boolean>;
  /** Consistent. Undefined while the run is not sealed. */
  listOf(run: Run): Promise<RunList | undefined>;
  /** Stores the list unless there is one. */
  seal(run: Run, list: RunList): Promise<void>;
  /** Notes that the receipts of a run cannot be applied, and returns since when that is so. */
  noteFailure(run: Run, nowMs: number): Promise<number>;
  /** Adds to the receipts of the run that no document has, and returns all of them. */
  leaveOut(run: Run, positions: readonly Position[]): Promise<readonly Position[]>;
  markFolded(run: Run, expiresAtMs: number): Promise<void>;
  /** Never the last run of a lane: without it, runs would begin again. */
  expire(lane: Lane, run: ExpiringRun): Promise<void>;

  /** Consistent. */
  documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]>;
  /** Consistent, page by page: the documents whose hour is in [fromMs, toMs), in order. */
  documentsBetween(
    lane: Lane,
    kind: DocumentKey['kind'],
    fromMs: number,
    toMs: number,
  ): Promise<DocumentPage>;
  /** False if the document is no longer of the version that was read. The mark is raised with it, or not at all. */
  putDocument(document: VersionedDocument, mark?: DayMark): Promise<boolean>;
  /** All or nothing, and only if receipts and documents are still as they were read. */
  commit(commit: LaneCommit): Promise<CountResult>;
};
