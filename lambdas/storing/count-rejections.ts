// Counts records of rejections. They touch no claim, page, receipt or document of events. Nothing accepted is in them: one
// that cannot be read is dropped, and never goes to quarantine.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type Tenant, tenantKey } from '../../domain/keys.ts';
import { decodeRejections, type EnvelopeHeader } from '../../domain/record/envelope.ts';
import { recordIdOf } from '../../domain/record/record-id.ts';
import type { Rejections } from '../../domain/rejections/port.ts';
import type { RejectionRecord } from '../../domain/rejections/rejection-hour.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { requestsOf } from './record-telemetry.ts';

export type CountRejectionsDeps = {
  readonly rejections: Pick<Rejections, 'count'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Pick<Meter, 'count'>;
  readonly logger: Pick<Logger, 'error'>;
};

type Sealed = { readonly header: EnvelopeHeader; readonly data: Uint8Array };

const tenantsAtOnce = 4;

export const isOfRejections = ({ header }: Pick<Sealed, 'header'>): boolean => header.kind === 'rejections';

/** Returns the records that are still open, and why. A record that was counted before is done. */
export async function countRejections<Of extends Sealed>(
  deps: CountRejectionsDeps,
  records: readonly Of[],
): Promise<ReadonlyMap<Of, Unavailable>> {
  const open = new Map<Of, Unavailable>();
  const byTenant = [...Map.groupBy(records, ({ header }) => tenantKey(header.tenant)).values()];
  await mapBounded(byTenant, tenantsAtOnce, async (ofTenant) => {
    const [first] = ofTenant;
    const error = first && (await countOfTenant(deps, first.header.tenant, ofTenant));
    if (error) for (const record of ofTenant) open.set(record, error);
  });
  return open;
}

async function countOfTenant(
  deps: CountRejectionsDeps,
  tenant: Tenant,
  records: readonly Sealed[],
): Promise<Unavailable | undefined> {
  try {
    await deps.rejections.count(
      tenant,
      records.flatMap((record) => decoded(deps, record)),
      deps.clock.now(),
    );
  } catch (error) {
    if (error instanceof Unavailable) return error;
    dropRejections(deps, records, error);
  }
  return undefined;
}

function decoded(deps: CountRejectionsDeps, record: Sealed): RejectionRecord[] {
  const { header, data } = record;
  try {
    const rejections = decodeRejections(data);
    const { receivedAtMs, requestId } = header;
    return [{ record: recordIdOf(header), receivedAtMs, requestId, rejections }];
  } catch (error) {
    dropRejections(deps, [record], error);
    return [];
  }
}

export function dropRejections(
  { meter, logger }: Pick<CountRejectionsDeps, 'meter' | 'logger'>,
  records: readonly Pick<Sealed, 'header'>[],
  error: unknown,
): void {
  const headers = records.map(({ header }) => header);
  meter.count(metricNames.lostRejections, records.length);
  logger.error('rejections are dropped', {
    ...headers[0]?.tenant,
    records: records.length,
    requests: requestsOf(headers),
    ...errorFields(error),
  });
}
