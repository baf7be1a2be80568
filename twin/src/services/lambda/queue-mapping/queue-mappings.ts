// The template's event source mappings on queues.

import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../core/clock.ts';
import type { Invoker } from '../../../core/invocation.ts';
import type { MetricSink } from '../../../core/metric-sink.ts';
import type { Next } from '../../../core/proxy/aws-call.ts';
import { createOwnCalls } from '../../../core/proxy/own-calls.ts';
import type { Startable } from '../../../core/start-in-phases.ts';
import type { DeliveryFaults } from '../../../faults/delivery-faults.ts';
import type { Template } from '../../../template/template.ts';
import type { MappingControl } from '../mapping-control.ts';
import { QueueMapping, type QueueMappingState } from './queue-mapping.ts';
import { readQueueMappings } from './queue-mapping-settings.ts';

export type QueueMappingsOptions = {
  readonly template: Template;
  /** Through the proxy: what a mapping asks of SQS is counted as `<function>-mapping`. */
  readonly send: Next;
  readonly functions: Invoker;
  readonly faults: DeliveryFaults;
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'after'>;
  readonly metrics: MetricSink;
  readonly longestWindowMs?: number | undefined;
  readonly report: (problem: string) => void;
};

export class QueueMappings implements Startable {
  readonly name = 'the event source mappings of queues';
  private readonly options: QueueMappingsOptions;
  private readonly stop = new AbortController();
  private readonly mappings = new Map<string, QueueMapping>();

  constructor(options: QueueMappingsOptions) {
    this.options = options;
    setMaxListeners(0, this.stop.signal);
  }

  /** By logical id. */
  readonly state = (): Readonly<Record<string, QueueMappingState>> =>
    Object.fromEntries([...this.mappings].map(([id, { state }]) => [id, state]));

  controls(): readonly MappingControl[] {
    return [...this.mappings.values()].map((mapping) => mapping.control());
  }

  async start(): Promise<void> {
    const { template, send, longestWindowMs } = this.options;
    for (const settings of readQueueMappings(template, longestWindowMs)) {
      const calls = createOwnCalls(send, `${settings.functionLabel}-mapping`);
      const mapping = new QueueMapping({ ...this.options, settings, calls, signal: this.stop.signal });
      this.mappings.set(settings.id, mapping);
      void mapping.run();
    }
  }

  /** What is with a function then, or being received, is abandoned: queues do not outlive the twin. */
  async end(): Promise<void> {
    this.stop.abort();
  }
}
