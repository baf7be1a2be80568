import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../../src/core/clock.ts';
import { LogSubscriptions } from '../../../src/services/logs/log-subscriptions.ts';
import { templateOf } from '../../fixture.ts';
import { arnOf } from '../../running-services.ts';
import { eventually } from '../../support/eventually.ts';

const format = JSON.stringify({ at: '$context.requestTimeEpoch', who: '$context.authorizer.id' });
const lineOf = (atMs: number, who: string) => JSON.stringify({ at: String(atMs), who });

type Sent = {
  readonly logGroup: string;
  readonly logEvents: readonly {
    readonly id: string;
    readonly timestamp: number;
    readonly message: string;
  }[];
};

let folder: string;
let clock: Clock;
let reports: string[];
let sent: { readonly arn: string; readonly event: Sent }[];
let running: LogSubscriptions | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twin-subscriptions-'));
  clock = createClock();
  reports = [];
  sent = [];
});
afterEach(async () => {
  await running?.end();
  running = undefined;
  rmSync(folder, { recursive: true });
});

const fileOf = (name: string) => join(folder, `${name}.log`);
const write = (name: string, ...lines: readonly string[]) =>
  appendFileSync(fileOf(name), lines.map((line) => `${line}\n`).join(''));

async function start(properties: object = {}) {
  const template = templateOf({
    Measure: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'weir-dev-measure' } },
    Filter: {
      Type: 'AWS::Logs::SubscriptionFilter',
      Properties: {
        ...{ FilterName: 'requests', LogGroupName: 'access', DestinationArn: arnOf('Measure') },
        ...properties,
      },
    },
  });
  running = new LogSubscriptions({
    ...{ template, clock },
    report: (problem) => reports.push(problem),
    groups: () => [
      { name: 'access', file: fileOf('access'), format },
      { name: 'printed', file: fileOf('printed') },
    ],
    invocations: {
      invoke: (arn, event) => {
        const { data } = (event as { awslogs: { data: string } }).awslogs;
        sent.push({ arn, event: JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString()) });
      },
    },
  });
  await running.start();
}
const messages = () => sent.flatMap(({ event }) => event.logEvents.map(({ message }) => message));
const until = (count: number) =>
  eventually(
    async () => messages(),
    (all) => all.length >= count,
  );

it('sends what is logged as CloudWatch Logs does, and nothing of earlier runs', async () => {
  write('access', lineOf(1000, 'earlier'));
  await start();
  write('access', lineOf(2000, 'ada'), lineOf(3000, 'bob'));

  await until(2);

  expect(sent).toEqual([
    {
      arn: expect.stringMatching(/:function:weir-dev-measure$/),
      event: {
        messageType: 'DATA_MESSAGE',
        owner: '000000000000',
        logGroup: 'access',
        logStream: 'access',
        subscriptionFilters: ['requests'],
        logEvents: [
          { id: expect.stringMatching(/^\d{56}$/), timestamp: 2000, message: lineOf(2000, 'ada') },
          { id: expect.stringMatching(/^\d{56}$/), timestamp: 3000, message: lineOf(3000, 'bob') },
        ],
      },
    },
  ]);
  write('access', lineOf(4000, 'eve'));
  await until(3);
  const ids = sent.flatMap(({ event }) => event.logEvents.map(({ id }) => id));
  expect(new Set(ids).size).toBe(3);
});

it('sends what the pattern takes', async () => {
  await start({ FilterPattern: '{ $.who = "ada" }' });
  write('access', lineOf(1000, 'bob'), lineOf(2000, 'ada'));

  expect(await until(1)).toEqual([lineOf(2000, 'ada')]);
});

it('sends what a function prints, by the time of the twin where the line has none', async () => {
  clock.moveTo(Date.UTC(2030, 0, 1));
  await start({ LogGroupName: 'printed' });
  write('printed', 'hello');

  await until(1);

  const [event] = sent[0]?.event.logEvents ?? [];
  expect(new Date(event?.timestamp ?? 0).getUTCFullYear()).toBe(2030);
});

it('sends many lines in several events, each far below what Lambda takes', async () => {
  await start();
  const lines = Array.from({ length: 600 }, (_, index) => lineOf(index, 'a'.repeat(1000)));
  write('access', ...lines);

  expect(await until(600)).toEqual(lines);
  expect(sent.length).toBeGreaterThan(1);
  for (const { event } of sent) expect(JSON.stringify(event.logEvents).length).toBeLessThan(400_000);
});

it('sends nothing after its end', async () => {
  await start();
  await running?.end();
  write('access', lineOf(1000, 'late'));
  clock.moveBy(10_000);

  expect(messages()).toEqual([]);
});

it.each([
  [{ LogGroupName: 'elsewhere' }, 'no API and no function logs to elsewhere'],
  [{ DestinationArn: 'arn:aws:firehose:us-east-1:0:deliverystream/d' }, 'logs go to functions only'],
  [{ FilterPattern: '[ip, user]' }, 'its filter lets nothing through'],
])('reports %j and sends nothing', async (properties, problem) => {
  await start(properties);

  expect(reports).toEqual([expect.stringContaining(`Filter: ${problem}`)]);
});

it('does not start with a function that is not in the template', async () => {
  const DestinationArn = 'arn:aws:lambda:us-east-1:000000000000:function:missing';

  await expect(start({ DestinationArn })).rejects.toThrow('Filter: arn:aws:lambda');
});
