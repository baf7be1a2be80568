// Claims in logs. All ids of one window that a call claims are one link, put at the end of the log if that place is empty.
// If it is taken, the log is read on and each id is decided again. The calls of all logs go together.

import { guardMs } from '../../domain/counting/receipt.ts';
import type { LogName, LogPlace } from '../../domain/storing/claim-log.ts';
import type { IdentityClaim } from '../../domain/storing/identity.ts';
import { KnownLog, type Link } from '../../domain/storing/known-log.ts';
import { linkOfClaims } from '../../domain/storing/link.ts';
import type { ClaimLogs, ClaimResult, Identities } from '../../domain/storing/port.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { inChunks } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { epochSeconds, secondMs } from '../../domain/system/time.ts';
import { type KnownLogs, nearMs } from './known-logs.ts';

export type ClaimOfLog = IdentityClaim & LogPlace;

export type LinkLimits = {
  /**
   * From here on a log takes no claims, so that a client whose ids do not move in time does not slow down others. Must not
   * change while logs are in force: an id would be claimed in a log by one number, and singly by the other.
   */
  readonly links: number;
  /** Of one link, so that it fits into an item, and that all links of a log are read in a second and take some 25 MB. */
  readonly ids: number;
};
export const linkLimits: LinkLimits = { links: 256, ids: 1000 };

export type ClaimInLogsDeps = {
  readonly singly: Identities;
  readonly logs: ClaimLogs;
  readonly known: Pick<KnownLogs, 'of' | 'keep' | 'forget'>;
  readonly limits: LinkLimits;
  readonly clock: Pick<Clock, 'now'>;
  readonly pause: Pause;
};

const maxTries = 12;
/** Full ones of so many windows fit into the memory of a function. */
const logsReadAtOnce = 16;

/** The claims of one log that are not decided yet. */
type Open = {
  readonly log: LogName;
  claims: readonly ClaimOfLog[];
  known: KnownLog;
  mustRead: boolean;
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

function begin({ known: all, clock }: ClaimInLogsDeps, claims: readonly ClaimOfLog[]): Open[] {
  const nowMs = clock.now();
  const byLog = [...Map.groupBy(claims, ({ log }) => log)];
  // One query reads windows that follow each other.
  byLog.sort(([one], [other]) => (one < other ? -1 : 1));
  return byLog.map(([log, ofLog]) => {
    const known = all.of(log, nowMs);
    // Without what others have appended, a link would not land.
    const mustRead = !known.end || known.isShared;
    return { log, claims: ofLog, known, mustRead, isAtEnd: false, tries: 0 };
  });
}

/** Once as many ids are known as a full log has, the other logs wait until these are decided: a client could fill many. */
async function readOn(deps: ClaimInLogsDeps, open: readonly Open[]): Promise<void> {
  const mostIds = deps.limits.links * deps.limits.ids;
  let ids = 0;
  for (const some of inChunks(open, logsReadAtOnce)) {
    await readToEnd(deps, some);
    for (const { known } of some) ids += known.ids;
    if (ids >= mostIds) return;
  }
}

/** Consistently. */
async function readToEnd({ logs, known: all, clock }: ClaimInLogsDeps, open: readonly Open[]): Promise<void> {
  const asOfMs = clock.now();
  const links = await logs.read(open.map(({ log, known }) => ({ log, after: known.nextPosition - 1 })));
  open.forEach((each, index) => {
    const { log, known } = each;
    for (const link of links[index] ?? []) {
      known.add(link);
      known.isShared = true;
    }
    known.asOfMs = asOfMs;
    all.keep(log, known);
    each.mustRead = false;
    each.isAtEnd = true;
  });
}

type Ready = { readonly open: Open; readonly fresh: readonly ClaimOfLog[]; readonly link: Link };

/** The links to append. All else is decided, or waits for the log to be read. */
async function readyToAppend(
  deps: ClaimInLogsDeps,
  open: readonly Open[],
  results: Results,
): Promise<Ready[]> {
  const ready: Ready[] = [];
  for (const each of open) {
    const fresh = each.claims.filter((claim) => !isHeld(claim, each.known));
    if (fresh.length === 0) {
      // That another has it is certain only at the end of the log.
      if (each.isAtEnd || each.claims.every((claim) => isOwn(claim, each.known))) noteHolders(each, results);
      else each.mustRead = true;
    } else if (each.known.nextPosition >= deps.limits.links) {
      if (each.isAtEnd) await claimRestSingly(deps, each, fresh, results);
      else each.mustRead = true;
    } else {
      const { nextPosition } = each.known;
      if (!(await keepEnd(deps, each, 0))) readAgain(each);
      // Unless another claim of this instance has read the log on meanwhile: then all is decided again.
      else if (each.known.nextPosition === nextPosition) {
        const some = fresh.slice(0, deps.limits.ids);
        ready.push({ open: each, fresh: some, link: linkOf(deps, each, some) });
      }
    }
  }
  return ready;
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

function linkOf(deps: ClaimInLogsDeps, { log, known }: Open, claims: readonly ClaimOfLog[]): Link {
  const expiresAtMs = linkExpiresAtMs(deps, claims);
  return { log, position: known.nextPosition, data: linkOfClaims(claims), expiresAtMs };
}

/** Some days at least, also if a record is tried late: no link may be missing in the middle of what is known. */
export const linkExpiresAtMs = (
  { clock }: Pick<ClaimInLogsDeps, 'clock'>,
  claims: readonly IdentityClaim[],
): number => keptUntil(Math.max(clock.now() + guardMs, ...claims.map(({ expiresAtMs }) => expiresAtMs)));

async function appendTo(deps: ClaimInLogsDeps, ready: readonly Ready[], results: Results): Promise<void> {
  if (ready.length === 0) return;
  const outcomes = await deps.logs.append(ready.map(({ link }) => link));
  ready.forEach(({ open, fresh, link }, index) => {
    if (outcomes[index] !== 'appended') {
      readAgain(open);
      return;
    }
    open.known.add(link);
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

/** The log is closed, and stays so for as long as these claims are kept. */
async function claimRestSingly(
  deps: ClaimInLogsDeps,
  each: Open,
  fresh: readonly ClaimOfLog[],
  results: Results,
): Promise<void> {
  const keptForMs = Math.max(...fresh.map(({ expiresAtMs }) => expiresAtMs));
  if (!(await keepEnd(deps, each, keptForMs))) return readAgain(each);
  const outcomes = await deps.singly.claim(fresh);
  fresh.forEach(({ key }, index) => {
    const result = outcomes[index];
    if (result) results.set(key, result);
  });
  const done = new Set(fresh);
  each.claims = each.claims.filter((claim) => !done.has(claim));
  noteHolders(each, results);
}

/** A table keeps whole seconds. */
const keptUntil = (instantMs: number): number => epochSeconds(instantMs) * secondMs;

/**
 * Keeps the last link for so long, and for some days at least. Without it, the log would begin again. If it may be gone,
 * all that was known of the log is forgotten.
 */
export async function keepEnd(
  { logs, known: all, clock }: ClaimInLogsDeps,
  each: { readonly log: LogName; known: KnownLog },
  untilMs: number,
): Promise<boolean> {
  const { log, known } = each;
  const { end } = known;
  const nowMs = clock.now();
  if (!end || end.expiresAtMs >= Math.max(nowMs + nearMs, untilMs)) return true;
  const expiresAtMs = keptUntil(Math.max(nowMs, untilMs) + guardMs);
  if (await logs.prolong({ log, ...end }, expiresAtMs)) {
    if (known.end === end) known.prolonged(expiresAtMs);
    return true;
  }
  all.forget(log);
  each.known = new KnownLog();
  return false;
}
