// Claims in logs. All ids of one window that a call claims are one link, put at the end of the log if that place is empty.
// A log that is not known is taken to be empty. If the place is taken, the log is read on and each id is decided again. The
// calls of all logs go together.

import { claimLogName, claimLogOfName } from '../../domain/keys.ts';
import type { LogName, LogPlace } from '../../domain/storing/claim-log.ts';
import type { IdentityClaim } from '../../domain/storing/identity.ts';
import type { KnownLog, Link } from '../../domain/storing/known-log.ts';
import { linkOfClaims } from '../../domain/storing/link.ts';
import type { ClaimLogs, ClaimResult, Identities, LogRange } from '../../domain/storing/port.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import {
  expiryOfNext,
  keepLinks,
  keptUntil,
  linkNeededUntil,
  linksUpdatedAtOnce,
  type OfLog,
} from './keep-links.ts';
import type { KnownLogs } from './known-logs.ts';

export type ClaimOfLog = IdentityClaim & LogPlace;

export type LinkLimits = {
  /**
   * From here on a log takes no claims, so that a client whose ids do not move in time does not slow down others. Must not
   * change while logs are in force: an id would be claimed in a log by one number, and singly by the other.
   */
  readonly links: number;
  /** Of one link, so that it fits into an item, and that all links of a log are read in a second and take some 25 MB. */
  readonly ids: number;
  /** Logs read at once to their ends: full ones of so many windows fit into the memory of a function. */
  readonly logs: number;
};
export const linkLimits: LinkLimits = { links: 256, ids: 1000, logs: 16 };

export type ClaimInLogsDeps = {
  readonly singly: Identities;
  readonly logs: ClaimLogs;
  readonly known: Pick<KnownLogs, 'of' | 'keep' | 'forget'>;
  readonly limits: LinkLimits;
  readonly clock: Pick<Clock, 'now'>;
  readonly pause: Pause;
};

const maxTries = 12;
/** So many links fit into the memory of a function. */
const linksReadAtOnce = 256;

/** The claims of one log that are not decided yet. */
type Open = {
  readonly log: LogName;
  claims: readonly ClaimOfLog[];
  known: KnownLog;
  mustRead: boolean;
  /** It had several links that were not known. */
  isLong: boolean;
  /** Nobody else had appended to the log when it was read last, or when our link landed. */
  isAtEnd: boolean;
  tries: number;
};

type Results = Map<string, ClaimResult>;

/** By key. Claims without a result are undecided. */
export async function claimInLogs(
  deps: ClaimInLogsDeps,
  claims: readonly ClaimOfLog[],
): Promise<ReadonlyMap<string, ClaimResult>> {
  const results: Results = new Map();
  let open = begin(deps, claims);
  while (open.length > 0) {
    const tries = Math.max(...open.map((each) => each.tries));
    if (tries > 1) await deps.pause(tries - 2);
    await readOn(
      deps,
      open.filter(({ mustRead }) => mustRead),
    );
    const read = open.filter(({ mustRead }) => !mustRead);
    await appendTo(deps, await readyToAppend(deps, read, results), results);
    open = open.filter((each) => each.claims.length > 0 && each.tries < maxTries);
  }
  return results;
}

function begin({ known: all }: ClaimInLogsDeps, claims: readonly ClaimOfLog[]): Open[] {
  const byLog = [...Map.groupBy(claims, ({ log }) => log)];
  // One query reads windows that follow each other.
  byLog.sort(([one], [other]) => (one < other ? -1 : 1));
  return byLog.map(([log, ofLog]) => {
    const known = all.of(log);
    // Without what others have appended, a link would not land.
    const mustRead = known.isShared || (known.nextPosition === 0 && isSharedBefore(all, log));
    return { log, claims: ofLog, known, mustRead, isLong: false, isAtEnd: false, tries: 0 };
  });
}

/** Who writes a window with others will write the next one with them. */
function isSharedBefore(all: Pick<KnownLogs, 'of'>, log: LogName): boolean {
  const { pk, window } = claimLogOfName(log);
  return window > 0 && all.of(claimLogName(pk, window - 1)).isShared;
}

/** Once as many ids are known as a full log has, the other logs wait until these are decided: a client could fill many. */
async function readOn(deps: ClaimInLogsDeps, open: readonly Open[]): Promise<void> {
  const mostIds = deps.limits.links * deps.limits.ids;
  let ids = 0;
  for (const some of inChunks(open, linksReadAtOnce)) {
    if (some.length > deps.limits.logs) await readShort(deps, some);
    for (const few of inChunks(toRead(some), deps.limits.logs)) {
      await readToEnd(deps, few);
      for (const { known } of few) ids += known.ids;
      if (ids >= mostIds) return;
    }
  }
}

/** Of many logs, most have one link, or none that is not known. Which have more is asked once. */
async function readShort(deps: ClaimInLogsDeps, open: readonly Open[]): Promise<void> {
  const toAsk = open.filter(({ isLong }) => !isLong);
  await readNextLinks(deps, toAsk);
  await readNextLinks(deps, toRead(toAsk));
  for (const each of toRead(toAsk)) each.isLong = true;
}

const toRead = (open: readonly Open[]): Open[] => open.filter(({ mustRead }) => mustRead);

const rangesOf = (open: readonly Open[]): LogRange[] =>
  open.map(({ log, known }) => ({ log, after: known.nextPosition - 1 }));

async function readToEnd(deps: ClaimInLogsDeps, open: readonly Open[]): Promise<void> {
  const links = await deps.logs.read(rangesOf(open));
  open.forEach((each, index) => {
    takeIn(deps, each, links[index] ?? []);
    atEnd(each);
  });
}

async function readNextLinks(deps: ClaimInLogsDeps, open: readonly Open[]): Promise<void> {
  if (open.length === 0) return;
  const links = await deps.logs.readNext(rangesOf(open));
  open.forEach((each, index) => {
    const link = links[index];
    takeIn(deps, each, link ? [link] : []);
    if (!link || each.known.leftover !== undefined) atEnd(each);
  });
}

function takeIn({ known: all }: ClaimInLogsDeps, { log, known }: Open, links: readonly Link[]): void {
  if (known.readOn(links) > 0) known.isShared = true;
  all.keep(log, known);
}

function atEnd(each: Open): void {
  each.mustRead = false;
  each.isAtEnd = true;
}

/** The claims of a log that nobody holds as far as it is known, which is up to this position. */
type Fresh = {
  readonly open: Open;
  readonly fresh: readonly ClaimOfLog[];
  readonly position: number;
  /** The links of the log are to be kept until then. */
  readonly untilMs: number;
};
type Ready = Omit<Fresh, 'untilMs'> & { readonly next: NextLink };

/** The links to append. All else is decided, or waits for the log to be read. */
async function readyToAppend(
  deps: ClaimInLogsDeps,
  open: readonly Open[],
  results: Results,
): Promise<Ready[]> {
  const kept = await keepLinksOf(deps, freshOf(deps, open, results));
  const isClosed = ({ position }: Fresh) => position >= deps.limits.links;
  const ready = kept
    .filter((each) => !isClosed(each))
    .map(({ untilMs, ...each }) => {
      const { known } = each.open;
      const data = linkOfClaims(known.checksum, each.fresh);
      return { ...each, next: nextLink(each.open, data, expiryOfNext(known, untilMs)) };
    });
  await claimSingly(deps, kept.filter(isClosed), results);
  return ready;
}

function freshOf(deps: ClaimInLogsDeps, open: readonly Open[], results: Results): Fresh[] {
  return open.flatMap((each): Fresh[] => {
    const fresh = each.claims.filter((claim) => !isHeld(claim, each.known));
    const position = each.known.nextPosition;
    if (fresh.length === 0) {
      // That another has it is certain only at the end of the log.
      if (each.isAtEnd || each.claims.every((claim) => isOwn(claim, each.known))) noteHolders(each, results);
      else each.mustRead = true;
      return [];
    }
    if (position < deps.limits.links) {
      const some = fresh.slice(0, deps.limits.ids);
      return [{ open: each, fresh: some, position, untilMs: linkNeededUntil(deps.clock, some) }];
    }
    // The log is closed, and stays so for as long as these claims are kept.
    if (each.isAtEnd) return [{ open: each, fresh, position, untilMs: keptUntil(fresh) }];
    each.mustRead = true;
    return [];
  });
}

/** Those whose links are kept, if no other claim of this instance has read the log on meanwhile: all is decided again. */
async function keepLinksOf(deps: ClaimInLogsDeps, wanted: readonly Fresh[]): Promise<Fresh[]> {
  const areKept = await keepLinks(
    deps,
    wanted.map(({ open, untilMs }) => ({ of: open, untilMs })),
  );
  return wanted.filter(({ open, position }, index) => {
    if (!areKept[index]) readAgain(open);
    return areKept[index] && open.known.nextPosition === position;
  });
}

const isOwn = ({ id, record }: ClaimOfLog, known: KnownLog): boolean => known.holderOf(id)?.record === record;

/** By an earlier try of its record, or by another record, which keeps it until this one was received (R4). */
function isHeld({ id, record, receivedAtMs }: ClaimOfLog, known: KnownLog): boolean {
  const by = known.holderOf(id);
  return by !== undefined && (by.record === record || receivedAtMs <= by.untilMs);
}

/** All that is left is held. */
function noteHolders(each: Open, results: Results): void {
  for (const { key, id } of each.claims) {
    const by = each.known.holderOf(id);
    if (by) results.set(key, { outcome: 'held', by });
  }
  each.claims = [];
}

async function appendTo(deps: ClaimInLogsDeps, ready: readonly Ready[], results: Results): Promise<void> {
  if (ready.length === 0) return;
  const landed = await putLinks(
    deps,
    ready.map(({ next }) => next),
  );
  ready.forEach(({ open, fresh, next }, index) => {
    if (!landed[index]) {
      readAgain(open);
      return;
    }
    open.known.add(next.link);
    deps.known.keep(open.log, open.known);
    open.isAtEnd = true;
    for (const { key } of fresh) results.set(key, { outcome: 'claimed' });
    open.claims = open.claims.filter(({ key }) => !results.has(key));
  });
}

function readAgain(each: Open): void {
  each.mustRead = true;
  each.isAtEnd = false;
  each.tries += 1;
}

/** What closed logs do not hold. */
async function claimSingly(deps: ClaimInLogsDeps, closed: readonly Fresh[], results: Results): Promise<void> {
  if (closed.length === 0) return;
  const all = closed.flatMap(({ open, fresh }) => {
    const isFresh = new Set(fresh);
    open.claims = open.claims.filter((claim) => !isFresh.has(claim));
    noteHolders(open, results);
    return fresh;
  });
  const outcomes = await deps.singly.claim(all);
  all.forEach(({ key }, index) => {
    const result = outcomes[index];
    if (result) results.set(key, result);
  });
}

/** The next link of a log, to be put where it ends. */
export type NextLink = { readonly link: Link; readonly leftover: Uint8Array | undefined };

export const nextLink = ({ log, known }: OfLog, data: Uint8Array, expiresAtMs: number): NextLink => ({
  link: { log, position: known.nextPosition, data, expiresAtMs },
  leftover: known.leftover,
});

/** Returns which have landed: where nothing was, or what was left of an earlier log. */
export async function putLinks({ logs }: ClaimInLogsDeps, links: readonly NextLink[]): Promise<boolean[]> {
  const appending = links.filter(({ leftover }) => leftover === undefined);
  const outcomes = appending.length > 0 ? await logs.append(appending.map(({ link }) => link)) : [];
  const appended = new Set(appending.filter((_, index) => outcomes[index] === 'appended'));
  return mapBounded(links, linksUpdatedAtOnce, async (next) =>
    next.leftover === undefined ? appended.has(next) : logs.replace(next.link, next.leftover),
  );
}
