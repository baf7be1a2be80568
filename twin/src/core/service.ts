// What a service of the twin hands to `startTwin`: one value, made from the loaded template and a small context. A new
// service is a folder with such a function and a line in core/twin.ts (CONTRIBUTING.md).

import type { DeliveryFaults } from '../faults/delivery-faults.ts';
import type { Pages } from '../pages/pages.ts';
import type { Clock } from './clock.ts';
import { namingFullDisk } from './full-disk.ts';
import type { Marks } from './marks.ts';
import type { MetricSink } from './metric-sink.ts';
import type { Outages } from './outages.ts';
import type { AwsEntrance, Destination, Step } from './proxy/aws-call.ts';
import { type Phase, type Startable, StartFailed } from './start-in-phases.ts';

/** One line for each thing that went wrong while running. */
export type Report = (problem: string) => void;

const longestLine = 500;

/** What went wrong comes first; the rest of a long message is cut. */
export function inOneLine(report: Report): Report {
  return (problem) => {
    const line = namingFullDisk(problem.trim().replaceAll(/\s*\n\s*/g, ' '));
    try {
      report(line.length > longestLine ? `${line.slice(0, longestLine)} …` : line);
    } catch {
      // What is reported has no one to answer to it: the twin goes on.
    }
  };
}

export type Service = {
  /** As in the credential scope of calls to it: `dynamodb`, `sqs`, … */
  readonly name: string;
  /** Where calls to it go once they have passed all steps. Absent: functions cannot call it. */
  readonly destination?: Destination;
  /** Steps that all AWS calls pass, after those of the services before it in the list of core/twin.ts. */
  readonly steps?: readonly Step[];
  readonly pages?: Pages;
  /** What starts and ends with the twin. */
  readonly phases?: { readonly [Name in Phase]?: readonly Startable[] };
};

export type ServiceContext = {
  readonly clock: Clock;
  /** Is told how each invocation went, and reports when a function begins to fail and when it no longer does. */
  readonly outages: Pick<Outages, 'failed' | 'succeeded'>;
  readonly faults: DeliveryFaults;
  /** For AWS calls of the service's own; its address is known from the phase `proxy` on. */
  readonly proxy: AwsEntrance;
  readonly report: Report;
  /** What AWS measures by itself. */
  readonly metrics: MetricSink;
  /** An engine is gone, and the twin cannot go on. */
  readonly onLoss: (message: string) => void;
  /** Undefined: no data is kept. */
  readonly dataFolder: string | undefined;
  /** What the data folder has to hold at the next start. */
  readonly marks: Marks;
  readonly logFolder: string;
};

/** Something done at the start, with nothing to end. */
export function once(name: string, start: () => Promise<void>): Startable {
  return { name, start, end: async () => undefined };
}

/** What is read of the template before anything starts fails as a start does: with its name. */
export function whileStarting<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new StartFailed(name, error);
  }
}
