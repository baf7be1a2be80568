// How many requests a key has in a day, week or month, all of them in UTC.

import { ApiNotModelled } from '../api-not-modelled.ts';

const periods = ['DAY', 'WEEK', 'MONTH'] as const;
type Period = (typeof periods)[number];

export type Quota = { readonly limitRequests: number; readonly period: Period };

export type QuotaSettings = {
  readonly Limit?: unknown;
  readonly Offset?: unknown;
  readonly Period?: unknown;
};

export function readQuota(plan: string, settings: QuotaSettings | undefined): Quota | undefined {
  if (settings === undefined) return undefined;
  const limitRequests = Number(settings.Limit);
  const period = periods.find((one) => one === settings.Period);
  if (!(limitRequests >= 0) || period === undefined)
    throw new ApiNotModelled(`${plan}: a quota of ${settings.Limit} a ${settings.Period} is not modelled.`);
  // AWS has documented it as requests subtracted in the first period, and for years as the day on which a period
  // starts; what the service accepts (0 to 6 in a week, 0 to 27 in a month) fits the latter.
  // https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html
  if (Number(settings.Offset ?? 0) !== 0)
    throw new ApiNotModelled(
      `${plan}: the Offset of a quota is not modelled: what AWS does with it is unclear.`,
    );
  return { limitRequests, period };
}

/** A name for the period at that time, the same for every moment of it: its kind and its first day. */
export function periodAt(period: Period, epochMs: number): string {
  const day = new Date(epochMs);
  // While the Offset was documented as a day, 0 was a Sunday.
  if (period === 'WEEK') day.setUTCDate(day.getUTCDate() - day.getUTCDay());
  if (period === 'MONTH') day.setUTCDate(1);
  return `${period} ${day.toISOString().slice(0, 10)}`;
}
