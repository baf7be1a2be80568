// Claim logs in memory, with the same rules as in DynamoDB.

import type { LogName } from '../../domain/storing/claim-log.ts';
import type { Link } from '../../domain/storing/known-log.ts';
import type { ClaimLogs, LogRange } from '../../domain/storing/port.ts';

export class RepeatedLog extends Error {
  override readonly name = 'RepeatedLog';
}

export class MemoryClaimLogs implements ClaimLogs {
  readonly links = new Map<LogName, Map<number, Link>>();

  async read(ranges: readonly LogRange[]): Promise<Link[][]> {
    return ranges.map(({ log, after }) =>
      [...(this.links.get(log)?.values() ?? [])]
        .filter(({ position }) => position > after)
        .toSorted((one, other) => one.position - other.position),
    );
  }

  async readNext(ranges: readonly LogRange[]): Promise<(Link | undefined)[]> {
    return ranges.map(({ log, after }) => this.links.get(log)?.get(after + 1));
  }

  async append(links: readonly Link[]): Promise<('appended' | 'taken')[]> {
    if (new Set(links.map(({ log }) => log)).size !== links.length)
      throw new RepeatedLog('A call must not append two links to one log.');
    return links.map((link) => {
      const log = this.links.get(link.log) ?? new Map<number, Link>();
      if (log.has(link.position)) return 'taken';
      this.links.set(link.log, log.set(link.position, link));
      return 'appended';
    });
  }

  async prolong(
    { log, position, expiresAtMs: from }: Pick<Link, 'log' | 'position' | 'expiresAtMs'>,
    expiresAtMs: number,
  ): Promise<boolean> {
    const link = this.links.get(log)?.get(position);
    if (link?.expiresAtMs !== from) return false;
    this.links.get(log)?.set(position, { ...link, expiresAtMs });
    return true;
  }

  async replace(link: Link, data: Uint8Array): Promise<boolean> {
    const log = this.links.get(link.log);
    const found = log?.get(link.position);
    if (!found || Buffer.compare(found.data, data) !== 0) return false;
    log?.set(link.position, link);
    return true;
  }
}
