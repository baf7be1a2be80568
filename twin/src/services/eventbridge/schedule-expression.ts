// When an EventBridge rule runs: rate(…) and the plain forms of cron(…), in UTC.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html

export class ScheduleNotModelled extends Error {
  override readonly name = 'ScheduleNotModelled';
  constructor(expression: string) {
    super(`The schedule ${expression} is not modelled: this rule does not run here.`);
  }
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A 29th of February may be eight years away. */
const searchedDays = 8 * 366;

/** The first time after `afterMs`, in epoch milliseconds; Infinity where there is none any more. */
export function nextRun(expression: string, afterMs: number): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) return afterMs + Number(rate[1]) * (unitMs[rate[2] ?? ''] ?? 0);
  const { isOnDay, isAtTime } = readCron(expression);
  let atMs = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
  for (let days = 0; days < searchedDays; days += 1) {
    const nextDayMs = (Math.floor(atMs / dayMs) + 1) * dayMs;
    if (isOnDay(new Date(atMs)))
      for (; atMs < nextDayMs; atMs += minuteMs) if (isAtTime(new Date(atMs))) return atMs;
    atMs = nextDayMs;
  }
  return Number.POSITIVE_INFINITY;
}

type Cron = { isOnDay(time: Date): boolean; isAtTime(time: Date): boolean };

function readCron(expression: string): Cron {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? [];
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields.map((field) =>
    readField(field, expression),
  );
  if (!minutes || !hours || !dayOfMonth || !month || !dayOfWeek || !year || fields.length !== 6)
    throw new ScheduleNotModelled(expression);
  return {
    isAtTime: (time) => minutes(time.getUTCMinutes()) && hours(time.getUTCHours()),
    isOnDay: (time) =>
      dayOfMonth(time.getUTCDate()) &&
      month(time.getUTCMonth() + 1) &&
      // Sunday is 1 here.
      dayOfWeek(time.getUTCDay() + 1) &&
      year(time.getUTCFullYear()),
  };
}

function readField(field: string, expression: string): (value: number) => boolean {
  if (field === '*' || field === '?') return () => true;
  const parts = field.split(',').map((part) => {
    const match = /^(?:(\d+)(?:-(\d+))?|\*)(?:\/(\d+))?$/.exec(part);
    if (match === null) throw new ScheduleNotModelled(expression);
    const [, from, to, step] = match;
    const start = Number(from ?? 0);
    const end = to !== undefined ? Number(to) : step === undefined && from !== undefined ? start : Infinity;
    return (value: number) => value >= start && value <= end && (value - start) % Number(step ?? 1) === 0;
  });
  return (value) => parts.some((part) => part(value));
}
