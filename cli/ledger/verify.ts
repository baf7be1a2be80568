// `weir ledger verify`: for every record that ingest put on a stream between two times, what became of it. Names each one
// that has no outcome, and each outcome of a record that the tally does not have.

import { Option } from '@commander-js/extra-typings';
import { nameOfPlace, type RecordName } from '../../domain/record/record-id.ts';
import { instantForms } from '../../domain/system/instants.ts';
import { dayMs, iso } from '../../domain/system/time.ts';
import { inFlightMs, quarterMs, quarterOf, sheetKeptMs } from '../../domain/tally/sheet.ts';
import { WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { assertHasKeys, assertWasThere, type TenantFilter } from '../tenants.ts';
import { assertInOrder, readInstant } from '../terminal/instants.ts';
import { defineVerb, type Progress } from '../verb.ts';
import {
  type Audited,
  addOutcomes,
  auditQuarter,
  type Finding,
  noOutcomes,
  type QuarterAudit,
  recordsInBucket,
  type UnreadableFinding,
} from './audit.ts';
import { renderVerification, type Verification } from './report.ts';
import { type Untallied, untalliedOf, withoutLateArrivals } from './untallied.ts';

export class OlderThanTally extends WrongUse {
  constructor() {
    const days = sheetKeptMs / dayMs;
    super(`The tally is kept for ${days} days.`, `Give a later --from, such as ${days - 1}d.`);
  }
}

type VerifyOptions = TenantFilter & { readonly from: string; readonly to: string };

async function verify(operator: Operator, options: VerifyOptions, progress: Progress): Promise<Verification> {
  const nowMs = operator.clock.now();
  const fromMs = readInstant('from', options.from, nowMs);
  const toMs = Math.min(readInstant('to', options.to, nowMs), nowMs);
  assertInOrder({ fromMs, toMs });
  if (fromMs < nowMs - sheetKeptMs) throw new OlderThanTally();
  const { account, environment } = options;
  if (account !== undefined) await assertWasThere(operator, account);
  await assertHasKeys(operator, { environment, account });
  const audited = { operator, access: await operator.records(), filter: { account, environment } };
  const found = await auditAll(audited, { fromMs: quarterOf(fromMs), toMs }, progress);
  const open = [...found.inFlight, ...found.missing.filter(({ outcome }) => !outcome)];
  const inBucket = open.length > 0 ? await recordsInBucket(audited.access) : new Map<RecordName, string>();
  return { ...found, fromMs: quarterOf(fromMs), toMs, ...apart(found, inBucket) };
}

function apart({ missing, inFlight }: Found, inBucket: ReadonlyMap<RecordName, string>) {
  const objectOf = ({ record, outcome }: Finding) =>
    outcome ? undefined : inBucket.get(nameOfPlace(record));
  return {
    missing: missing.filter((finding) => objectOf(finding) === undefined),
    inFlight: inFlight.filter((finding) => objectOf(finding) === undefined),
    inBucket: [...missing, ...inFlight].flatMap((finding) => {
      const object = objectOf(finding);
      return object === undefined ? [] : [{ ...finding, object }];
    }),
  };
}

type Found = Pick<QuarterAudit, 'tallied' | 'outcomes' | 'inFlight' | 'missing' | 'unreadable'> & {
  readonly untallied: readonly Untallied[];
};

/** Quarter by quarter of an hour: so much is held at once. */
async function auditAll(
  audited: Audited,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  progress: Progress,
): Promise<Found> {
  let [tallied, outcomes] = [{ records: 0, events: 0 }, noOutcomes];
  const [inFlight, missing, unreadable]: [Finding[], Finding[], UnreadableFinding[]] = [[], [], []];
  const untallied: Untallied[] = [];
  const settledMs = audited.operator.clock.now() - inFlightMs;
  let before: ReadonlySet<RecordName> = new Set();
  let audit = await auditQuarter(audited, fromMs);
  for (let at = fromMs; at < toMs; at += quarterMs) {
    tallied = {
      records: tallied.records + audit.tallied.records,
      events: tallied.events + audit.tallied.events,
    };
    outcomes = addOutcomes(outcomes, audit.outcomes);
    inFlight.push(...audit.inFlight);
    missing.push(...audit.missing);
    unreadable.push(...audit.unreadable);
    const next = await auditQuarter(audited, at + quarterMs, audit.names);
    // The tally of what was received a moment ago may not be written yet.
    const names = [before, audit.names, next.names];
    untallied.push(...(await untalliedOf(audited, at, Math.min(toMs, settledMs), names)));
    progress(
      `to ${iso(Math.min(at + quarterMs, toMs))}: ${tallied.records} records, ${missing.length} without an outcome, ` +
        `${untallied.length} without a tally entry`,
    );
    before = audit.names;
    audit = next;
  }
  const left = untallied.length > 0 ? await withoutLateArrivals(audited, untallied) : [];
  return { tallied, outcomes, inFlight, missing, unreadable, untallied: left };
}

export const ledgerVerify = defineVerb({
  words: ['ledger', 'verify'],
  summary: 'find what became of every record that was acknowledged, and name those without an outcome',
  examples: [
    'ledger verify --from 2h',
    'ledger verify --from 2026-11-21T08:00:00Z --to 2026-11-21T10:00:00Z --account acme --json',
  ],
  options: (command) =>
    command
      .addOption(
        new Option(
          '--from <time>',
          `acknowledged in that quarter of an hour or later: ${instantForms}`,
        ).makeOptionMandatory(),
      )
      .option('--to <time>', 'acknowledged in a quarter of an hour that begins before then', 'now')
      .option('--account <id>', 'of this account (all)')
      .option('--environment <name>', 'of this environment (all)'),
  run: async (operator, options, progress) => renderVerification(await verify(operator, options, progress)),
});
