// How much of its quota each client has used in its current period. Kept in memory and, where there is a file, on
// disk at most once a second and at the end: a kill costs a second of counting, which AWS, whose quotas are best
// effort too, may lose as well.

import type { Report } from '../../../core/service.ts';
import type { Startable } from '../../../core/start-in-phases.ts';
import { StoredJson, type StoredJsonOptions } from '../../../core/stored-json.ts';

type Used = { readonly period: string; readonly requests: number };

const writeAfterMs = 1000;

export class QuotaUsage implements Startable {
  readonly name = 'the used quotas';
  /** One entry a client. A request in a new period replaces the count of the old one. */
  private readonly used = new Map<string, Used>();
  private readonly stored: StoredJson<Readonly<Record<string, Used>>>;
  private readonly report: Report;
  private timer: NodeJS.Timeout | undefined;

  constructor(file: string | undefined, report: Report, marks?: StoredJsonOptions['marks']) {
    this.stored = new StoredJson({}, file, marks && { marks });
    this.report = report;
  }

  async start(): Promise<void> {
    await this.stored.load();
    for (const [client, used] of Object.entries(this.stored.value)) this.used.set(client, used);
  }

  async end(): Promise<void> {
    if (this.used.size > 0) await this.write();
  }

  requestsOf(client: string, period: string): number {
    const used = this.used.get(client);
    return used?.period === period ? used.requests : 0;
  }

  count(client: string, period: string): void {
    this.used.set(client, { period, requests: this.requestsOf(client, period) + 1 });
    this.timer ??= setTimeout(() => void this.write(), writeAfterMs).unref();
  }

  private async write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      await this.stored.replace(Object.fromEntries(this.used));
    } catch (error) {
      this.report(`gateway: used quotas could not be kept: ${(error as Error).message}`);
    }
  }
}
