// Adds up, by tenant and hour, what the access log says that accounts were answered. The log is delivered at least once; a
// delivery that comes again is told by a digest of its lines. What cannot be read is counted and passed over: to try it
// again would help nobody.

import { hash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { readLine } from '../../domain/service-levels/access-lines.ts';
import { type AccountLevels, addUp } from '../../domain/service-levels/account-levels.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock } from '../../domain/system/port.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type LogDelivery, type LogLine, linesOf } from './wire.ts';

export type MeasureDeps = {
  readonly levels: Pick<AccountLevels, 'add'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'error'>;
};

export const createMeasure =
  ({ levels, clock, meter, logger }: MeasureDeps) =>
  async (event: LogDelivery): Promise<void> => {
    const nowMs = clock.now();
    let lines: readonly LogLine[];
    try {
      lines = linesOf(event);
    } catch (error) {
      meter.count(metricNames.unreadableLines, 1);
      logger.error('a delivery of the access log cannot be read', errorFields(error));
      return;
    }
    // A line that is twice in a delivery counts once.
    const byId = new Map(lines.map(({ id, message }) => [id, message]));
    const read = [...byId.values()].map((message) => readLine(message, nowMs));
    const unreadable = read.filter((line) => line === 'unreadable').length;
    if (unreadable > 0) {
      meter.count(metricNames.unreadableLines, unreadable);
      // Not the line itself: what it holds is not known.
      logger.error('lines of the access log cannot be read', { unreadable, of: read.length });
    }
    const hours = addUp(read.filter((line) => typeof line === 'object'));
    if (hours.length === 0) return;
    const digest = hash('sha256', [...byId.keys()].join('\n'), 'base64url');
    await levels.add({ digest, hours }, nowMs);
  };
