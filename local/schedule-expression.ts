// When an EventBridge rule runs: rate(…) and the plain forms of cron(…), in UTC.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html

export class ScheduleNotModelled extends Error {
  override readonly name = 'ScheduleNotModelled';
  constructor(expression: string) {
    super(`The schedule ${expression} is not modelled: this rule does not run here.`);
  }
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const searchedMinutes = 366 * 24 * 60;

/** The first time after `afterMs`, in epoch milliseconds. */
export function nextRun(expression: string, afterMs: number): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) return afterMs + Number(rate[1]) * (unitMs[rate[2] ?? ''] ?? 0);
  const matches = readCron(expression);
  const firstMinute = Math.floor(afterMs / 60_000) + 1;
  for (let minute = firstMinute; minute < firstMinute + searchedMinutes; minute += 1)
    if (matches(new Date(minute * 60_000))) return minute * 60_000;
  throw new ScheduleNotModelled(expression);
}

function readCron(expression: string): (time: Date) => boolean {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? [];
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields.map((field) =>
    readField(field, expression),
  );
  if (!minutes || !hours || !dayOfMonth || !month || !dayOfWeek || !year || fields.length !== 6)
    throw new ScheduleNotModelled(expression);
  return (time) =>
    minutes(time.getUTCMinutes()) &&
    hours(time.getUTCHours()) &&
    dayOfMonth(time.getUTCDate()) &&
    month(time.getUTCMonth() + 1) &&
    // Sunday is 1 here.
    dayOfWeek(time.getUTCDay() + 1) &&
    year(time.getUTCFullYear());
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
