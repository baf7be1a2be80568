// Receipts, runs and documents of lanes in memory, with the conditions of the tables.

import type {
  CountedRecords,
  CountResult,
  DocumentPage,
  LaneCommit,
  Lanes,
  PutResult,
  TailPage,
  TailRange,
} from '../../domain/counting/port.ts';
import { placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import type { ExpiringRun, Run, RunList } from '../../domain/counting/runs.ts';
import {
  type DayMark,
  type DocumentKey,
  documentName,
  type VersionedDocument,
} from '../../domain/documents/documents.ts';
import { countKey, type Lane, laneKey, type Position, tenantKey } from '../../domain/keys.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';
import { MemoryQuarantine } from '../quarantine/memory-quarantine.ts';
import { RepeatedKey } from '../storing/divided-identities.ts';

const nameOf = (place: RecordPlace): string => `${countKey(place.lane)} ${placeOf(place)}`;
const runName = (lane: Lane, start: Position): string => `${countKey(lane)} ${start}`;

export class MemoryLanes implements Lanes {
  readonly stored = new Map<string, Receipt>();
  readonly runs = new Map<string, Run>();
  readonly lists = new Map<string, RunList>();
  readonly expiring = new Map<string, number>();
  readonly quarantine = new MemoryQuarantine();
  /** How often the mark of each closed day was raised, by tenant and day. */
  readonly marks = new Map<string, number>();
  readonly #documents = new Map<string, VersionedDocument>();
  readonly #pageSize: number;

  /** Small pages show whether callers read on. */
  constructor(pageSize = 1000) {
    this.#pageSize = pageSize;
  }

  async putReceipts(receipts: readonly Receipt[]): Promise<PutResult[]> {
    return receipts.map((receipt) => {
      if (this.stored.has(nameOf(receipt))) return 'exists';
      this.stored.set(nameOf(receipt), receipt);
      return 'put';
    });
  }

  async receipts(places: readonly RecordPlace[]): Promise<Receipt[]> {
    const names = places.map(nameOf);
    if (new Set(names).size !== names.length) throw new RepeatedKey('A call must not name a key twice.');
    return names.flatMap((name) => this.stored.get(name) ?? []);
  }

  async counted(places: readonly RecordPlace[]): Promise<CountedRecords> {
    const receipts = await this.receipts(places);
    const counted = receipts.filter(({ state }) => state === 'counted').map(({ record }) => record);
    return { counted: new Set(counted), units: places.length / 2 };
  }

  async tail(lane: Lane, { after, to = '~', limit = this.#pageSize }: TailRange): Promise<TailPage> {
    const within = this.#ofLane(lane).filter((receipt) => placeOf(receipt) > after && placeOf(receipt) <= to);
    const receipts = within.slice(0, Math.min(limit, this.#pageSize));
    const last = receipts.at(-1);
    return { receipts, ...(last && receipts.length < within.length && { next: placeOf(last) }) };
  }

  async newest(lane: Lane): Promise<Receipt | undefined> {
    return this.#ofLane(lane).at(-1);
  }

  #ofLane(lane: Lane): Receipt[] {
    return [...this.stored.values()]
      .filter((receipt) => laneKey(receipt.lane) === laneKey(lane))
      .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  }

  #runsOf(lane: Lane): Run[] {
    return [...this.runs.values()]
      .filter((run) => laneKey(run.lane) === laneKey(lane))
      .toSorted((a, b) => (a.start < b.start ? -1 : 1));
  }

  async lastRun(lane: Lane, before: Position = '~'): Promise<Run | undefined> {
    return this.#runsOf(lane).findLast(({ start }) => start < before);
  }

  async lastFoldedRun(lane: Lane): Promise<Run | undefined> {
    return this.#runsOf(lane).findLast(({ state }) => state === 'folded');
  }

  async announce(run: Run): Promise<boolean> {
    const name = runName(run.lane, run.start);
    if (this.runs.has(name)) return false;
    this.runs.set(name, run);
    return true;
  }

  async listOf(run: Run): Promise<RunList | undefined> {
    return this.listOfRun(run);
  }

  listOfRun({ lane, start }: Run): RunList | undefined {
    return this.lists.get(runName(lane, start));
  }

  async seal({ lane, start }: Run, list: RunList): Promise<void> {
    const name = runName(lane, start);
    if (!this.lists.has(name)) this.lists.set(name, list);
  }

  async noteFailure(run: Run, nowMs: number): Promise<number> {
    return this.#update(run, ({ failingSinceMs = nowMs }) => ({ failingSinceMs }))?.failingSinceMs ?? nowMs;
  }

  async leaveOut(run: Run, positions: readonly Position[]): Promise<readonly Position[]> {
    const changed = this.#update(run, ({ leftOut }) => ({
      leftOut: [...new Set([...leftOut, ...positions])],
    }));
    return changed?.leftOut ?? [];
  }

  async markFolded(run: Run, expiresAtMs: number): Promise<void> {
    this.#update(run, () => ({ state: 'folded', expiresAtMs }));
  }

  #update({ lane, start }: Run, change: (run: Run) => Partial<Run>): Run | undefined {
    const name = runName(lane, start);
    const found = this.runs.get(name);
    if (!found) return undefined;
    const changed = { ...found, ...change(found) };
    this.runs.set(name, changed);
    return changed;
  }

  async expire(lane: Lane, { start, expiresAtMs }: ExpiringRun): Promise<void> {
    this.expiring.set(runName(lane, start), expiresAtMs);
  }

  async documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]> {
    return keys.flatMap((key) => this.#documents.get(documentName(key)) ?? []);
  }

  async documentsBetween(
    lane: Lane,
    kind: DocumentKey['kind'],
    fromMs: number,
    toMs: number,
  ): Promise<DocumentPage> {
    const within = [...this.#documents.values()]
      .filter(
        ({ key }) =>
          laneKey(key.lane) === laneKey(lane) &&
          key.kind === kind &&
          key.hourMs >= fromMs &&
          key.hourMs < toMs,
      )
      .toSorted((a, b) => a.key.hourMs - b.key.hourMs);
    const next = within[this.#pageSize];
    return { documents: within.slice(0, this.#pageSize), ...(next && { nextMs: next.key.hourMs }) };
  }

  async putDocument(document: VersionedDocument, mark?: DayMark): Promise<boolean> {
    if (this.#isMoved(document)) return false;
    this.#apply([document], mark ? [mark] : []);
    return true;
  }

  async commit({ changes, documents, marks }: LaneCommit): Promise<CountResult> {
    const taken = changes.filter(({ from, to }) => {
      const found = this.stored.get(nameOf(to));
      return (
        found?.state !== from?.state || found?.mode !== from?.mode || found?.freedAtMs !== from?.freedAtMs
      );
    });
    if (taken.length > 0 || documents.some((document) => this.#isMoved(document)))
      return { outcome: 'lost', taken: taken.map(({ to }) => to.record) };
    for (const change of changes) {
      this.stored.set(nameOf(change.to), change.to);
      this.quarantine.apply(change);
    }
    this.#apply(documents, marks);
    return { outcome: 'committed' };
  }

  #isMoved({ key, version }: VersionedDocument): boolean {
    return (this.#documents.get(documentName(key))?.version ?? 0) !== version;
  }

  #apply(documents: readonly VersionedDocument[], marks: readonly DayMark[]): void {
    for (const document of documents)
      this.#documents.set(documentName(document.key), { ...document, version: document.version + 1 });
    for (const { tenant, dayMs } of marks) {
      const name = `${tenantKey(tenant)}#${dayMs}`;
      this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
    }
  }
}
