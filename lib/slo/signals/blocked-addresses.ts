import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { blockedByRate } from '../../api/firewall.ts';
import type { Signal } from './signal.ts';

const periods = 3;

/** An attack, or the clients of many accounts behind one address. A flood that ends by itself wakes nobody. */
export const blockedAddresses: Signal = {
  id: 'blockedAddresses',
  name: 'blocked-addresses',
  title: 'Requests blocked by the rate of their address',
  unit: 'requests',
  severity: 'ticket',
  what: 'An address sends more requests than one address may, and goes on.',
  watch: ({ stage }) => {
    const metric = blockedByRate(stage);
    return (
      metric && {
        metric: metric.with({ period: Duration.minutes(5) }),
        threshold: 0,
        evaluationPeriods: periods,
        datapointsToAlarm: periods,
        // No data means that none was blocked.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }
    );
  },
};
