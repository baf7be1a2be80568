// The one way in which everything starts: phase by phase, what is in one phase together. The end is in reverse order,
// and a start that fails leaves nothing behind.

import { namingFullDisk } from './full-disk.ts';

export const phases = [
  /** The data folder is locked, the port is looked at. */
  'claim',
  /** What the data has to hold is known. */
  'marks',
  /** Engines listen. */
  'engines',
  /** What the template names is made in them. */
  'resources',
  /** AWS calls are answered. */
  'proxy',
  /** Functions can be invoked. */
  'functions',
  /** What is called by others: topics, buckets and rules know their targets. */
  'receivers',
  /** What calls by itself: event source mappings and schedules. */
  'sources',
  /** The first data is made. */
  'seed',
  /** The REST API and the pages listen. */
  'api',
  /** Injected faults, last, so that the start meets none; their end is first, so that nothing waits for one. */
  'faults',
] as const;

export type Phase = (typeof phases)[number];

export type Startable = {
  readonly name: string;
  start(): Promise<void>;
  /** Only of what has started. */
  end(): Promise<void>;
};

export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  constructor(part: string, cause: unknown) {
    super(`${part}: ${namingFullDisk(cause instanceof Error ? cause.message : String(cause))}`, { cause });
  }
}

export class EndFailed extends AggregateError {
  override readonly name = 'EndFailed';
}

/** Resolves to what ends all of them. Rejects with StartFailed, after it has ended what had started. */
export async function startInPhases(
  parts: readonly { readonly [Name in Phase]?: readonly Startable[] }[],
): Promise<() => Promise<void>> {
  const started: Startable[][] = [];
  const end = async () => {
    const failures: unknown[] = [];
    for (const phase of started.splice(0).reverse()) {
      const ends = await Promise.allSettled(phase.map((part) => Promise.try(() => part.end())));
      failures.push(...ends.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])));
    }
    if (failures.length > 0)
      throw new EndFailed(failures, `Not everything ended: ${failures.map(String).join('; ')}`);
  };
  for (const phase of phases) {
    const all = parts.flatMap((part) => part[phase] ?? []);
    const starts = await Promise.allSettled(all.map((part) => Promise.try(() => part.start())));
    started.push(all.filter((_, index) => starts[index]?.status === 'fulfilled'));
    const failed = starts.findIndex(({ status }) => status === 'rejected');
    const start = starts[failed];
    if (start?.status !== 'rejected') continue;
    await end();
    throw new StartFailed(all[failed]?.name ?? phase, start.reason);
  }
  return end;
}
