// The links of claim logs as the audit sees them: each claim with its whole event id, and each release.

import { fromLinkItem } from '../../adapters/storing/dynamodb-claim-logs.ts';
import { claimLogOfName } from '../../domain/keys.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import type { LogName } from '../../domain/storing/claim-log.ts';
import { type LinkSection, sectionsIn } from '../../domain/storing/link.ts';
import { eventIdInLog } from './event-ids.ts';
import type { KeptIdentity, Owner } from './tables.ts';

export type KeptRelease = {
  readonly eventId: string;
  readonly record: RecordId;
  readonly untilMs: number;
};

export type KeptLink = {
  readonly owner: Owner;
  readonly log: LogName;
  readonly position: number;
  readonly claims: readonly KeptIdentity[];
  readonly releases: readonly KeptRelease[];
};

export function toLink(item: Readonly<Record<string, unknown>>): KeptLink {
  const { log, position, data } = fromLinkItem(item);
  const { pk, window } = claimLogOfName(log);
  const [account, environment, generation, part = ''] = pk.split('#');
  const owner = `${account}#${environment}#${generation}`;
  const sections = sectionsIn(data);
  const eventIdAt = (section: LinkSection, index: number) => eventIdInLog(part, window, section.idAt(index));
  return {
    owner,
    log,
    position,
    claims: entriesOf(sections.filter(({ isRelease }) => !isRelease)).map(([section, index]) => ({
      ...section.claimAt(index),
      owner,
      eventId: eventIdAt(section, index),
    })),
    releases: entriesOf(sections.filter(({ isRelease }) => isRelease)).map(([section, index]) => ({
      record: section.record,
      untilMs: section.untilMs,
      eventId: eventIdAt(section, index),
    })),
  };
}

const entriesOf = (sections: readonly LinkSection[]) =>
  sections.flatMap((section) => Array.from({ length: section.ids }, (_, index) => [section, index] as const));
