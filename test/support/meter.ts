// A meter that keeps its values, so that tests can read them.

import type { MetricName } from '../../domain/service-levels/metrics.ts';
import type { Meter } from '../../lambdas/runtime/telemetry.ts';

export class TestMeter implements Meter {
  readonly #values = new Map<MetricName, number[]>();

  count(name: MetricName, value: number): void {
    this.#values.set(name, [...this.values(name), value]);
  }

  milliseconds(name: MetricName, value: number): void {
    this.count(name, value);
  }

  tier(): void {}

  published = 0;
  publish(): void {
    this.published += 1;
  }

  values(name: MetricName): readonly number[] {
    return this.#values.get(name) ?? [];
  }

  total(name: MetricName): number {
    return this.values(name).reduce((sum, value) => sum + value, 0);
  }
}

export const silentLogger = { warn: () => {}, error: () => {}, info: () => {} };
