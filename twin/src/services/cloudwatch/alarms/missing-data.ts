// The state that an alarm's points make, and what its missing ones count as.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

export const missingDataRules = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
export type MissingDataRule = (typeof missingDataRules)[number];

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** Undefined is missing. The newest is the last. */
export type Points = readonly (boolean | undefined)[];

/**
 * More than are evaluated are asked for, so that those that came late do not count as missing. AWS says that it does so,
 * and not how many it takes; in its examples they are two more.
 */
export const extraPeriods = 2;

export type Judged = {
  readonly state: AlarmState | 'unchanged';
  /** How many of the points that were evaluated are breaching, and how many are there. */
  readonly breaching: number;
  readonly present: number;
};

export type Quorum = { readonly evaluationPeriods: number; readonly datapointsToAlarm: number };

/** `points` has `evaluationPeriods` and `extraPeriods` more. */
export function judge(
  points: Points,
  { evaluationPeriods, datapointsToAlarm }: Quorum,
  rule: MissingDataRule,
): Judged {
  const there = points.filter((point) => point !== undefined).slice(-evaluationPeriods);
  const breaching = there.filter((isBreaching) => isBreaching).length;
  const present = there.length;
  const state = (): Judged['state'] => {
    if (breaching >= datapointsToAlarm) return 'ALARM';
    if (present === evaluationPeriods) return 'OK';
    switch (rule) {
      case 'breaching':
        return breaching + evaluationPeriods - present >= datapointsToAlarm ? 'ALARM' : 'OK';
      case 'notBreaching':
        return 'OK';
      case 'ignore':
        return breaching < present ? 'OK' : 'unchanged';
      case 'missing':
        if (breaching < present) return 'OK';
        // Too few to alarm, but all that is there breaches, and did long enough ago that the rest might have followed.
        return present > 0 && points.length - points.indexOf(true) >= datapointsToAlarm
          ? 'ALARM'
          : 'INSUFFICIENT_DATA';
    }
  };
  return { state: state(), breaching, present };
}
