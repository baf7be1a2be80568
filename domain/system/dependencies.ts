// Whether what the platform depends on answers, and how fast: each dependency by itself, within a bounded time.

import { mapBounded } from './bounded.ts';
import type { Clock } from './port.ts';
import { secondMs } from './time.ts';

export type Dependency = {
  readonly name: string;
  /** Rejects if it does not answer as it should. */
  readonly check: () => Promise<unknown>;
};

/** `slow`: it answers, and takes longer than what a request can spare for it. */
export type DependencyState = 'ok' | 'slow' | 'failed';
export type CheckedDependency = {
  readonly name: string;
  readonly status: DependencyState;
  readonly ms: number;
};

export const slowAfterMs = 200;
/** A request has 10 s, of which the authorizer can take 3. */
export const failedAfterMs = 2 * secondMs;

export type CheckDeps = {
  readonly clock: Pick<Clock, 'now'>;
  /** Resolves after so long. */
  readonly after: (ms: number) => Promise<void>;
  /** What the answer does not tell. */
  readonly onFailure: (name: string, error: unknown) => void;
};

/** In their order. Never rejects: what fails is told. */
export const checkDependencies = (
  { clock, after, onFailure }: CheckDeps,
  dependencies: readonly Dependency[],
): Promise<readonly CheckedDependency[]> =>
  mapBounded(dependencies, dependencies.length, async ({ name, check }) => {
    const fromMs = clock.now();
    const late = after(failedAfterMs).then((): never => {
      throw new Error(`It did not answer within ${failedAfterMs} ms.`);
    });
    let isFailed = false;
    try {
      await Promise.race([check(), late]);
    } catch (error) {
      isFailed = true;
      onFailure(name, error);
    }
    const ms = Math.max(0, clock.now() - fromMs);
    return { name, status: isFailed ? 'failed' : ms > slowAfterMs ? 'slow' : 'ok', ms };
  });

export function worstOf(checked: readonly CheckedDependency[]): DependencyState {
  const states = checked.map(({ status }) => status);
  if (states.includes('failed')) return 'failed';
  return states.includes('slow') ? 'slow' : 'ok';
}
