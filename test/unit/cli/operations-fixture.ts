// What somebody on call looks at, in memory.

import type { Figure, Points } from '../../../domain/operations/figures.ts';
import type {
  ConsumerChange,
  ConsumerState,
  LogLine,
  Operations,
  RequestLine,
} from '../../../domain/operations/port.ts';
import type { FunctionVerb } from '../../../domain/system/stage-names.ts';

export class MemoryOperations implements Operations {
  readonly lines = new Map<FunctionVerb, LogLine[]>();
  readonly answered: RequestLine[] = [];
  readonly states = new Map<FunctionVerb, ConsumerState>([['consume', running]]);
  /** By the heading of the figure. */
  readonly measured = new Map<string, Points>();
  readonly asked: Figure[] = [];
  readonly changes: ConsumerChange[] = [];
  readonly reserved = new Map<FunctionVerb, number>();

  async *logs(verb: FunctionVerb, { fromMs, toMs }: { fromMs: number; toMs: number }, all: boolean) {
    for (const line of this.lines.get(verb) ?? [])
      if (line.atMs >= fromMs && line.atMs < toMs && (all || line.level !== 'INFO')) yield line;
  }

  async *requests(_range: unknown, status: string | undefined) {
    for (const line of this.answered) if (line.status.startsWith(status ?? '')) yield line;
  }

  async figures(figures: readonly Figure[]) {
    this.asked.push(...figures);
    return figures.map(({ heading }) => this.measured.get(heading) ?? new Map());
  }

  async consumers(verbs: readonly FunctionVerb[]) {
    return verbs.flatMap((verb) => this.states.get(verb) ?? []);
  }

  async changeConsumer(verb: FunctionVerb, change: ConsumerChange) {
    this.changes.push(change);
    const before = this.states.get(verb) ?? running;
    const { enabled, ...others } = { enabled: undefined, ...change };
    const state = enabled === undefined ? before.state : enabled ? 'Enabled' : 'Disabled';
    this.states.set(verb, { ...before, ...others, state });
  }

  async concurrency(verb: FunctionVerb) {
    return this.reserved.get(verb);
  }

  async setConcurrency(verb: FunctionVerb, reserved: number | undefined) {
    if (reserved === undefined) this.reserved.delete(verb);
    else this.reserved.set(verb, reserved);
  }
}

const running: ConsumerState = {
  verb: 'consume',
  mappingId: 'mapping-1',
  state: 'Enabled',
  lastResult: 'OK',
  parallelization: 2,
  maxAgeSeconds: 172_800,
};
