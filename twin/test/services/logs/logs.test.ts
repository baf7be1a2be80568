import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock } from '../../../src/core/clock.ts';
import { filterOf, PatternNotModelled } from '../../../src/services/logs/filter-pattern.ts';
import { createLogs } from '../../../src/services/logs/logs.ts';
import { templateOf } from '../../fixture.ts';

const format = JSON.stringify({
  at: '$context.requestTimeEpoch',
  who: '$context.authorizer.id',
  status: '-',
});
const lineOf = (atMs: number, who: string) => JSON.stringify({ at: String(atMs), who, status: '200' });

let folder: string;
let file: string;
let printed: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'twin-logs-'));
  file = join(folder, 'access.log');
  printed = join(folder, 'function.log');
  const metrics = JSON.stringify({ _aws: { Timestamp: 3000 }, stored: 1 });
  writeFileSync(
    printed,
    `${JSON.stringify({ timestamp: new Date(1000).toISOString(), level: 'ERROR' })}\nat line 2\n${metrics}\n`,
  );
  const lines = [lineOf(1000, 'ada'), lineOf(2000, 'bob'), lineOf(3000, 'ada'), lineOf(4000, 'ada')];
  writeFileSync(file, `${lines.join('\n')}\n{"at":"5000","who":"ada","unfin`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function call(input: object, operation = 'FilterLogEvents', ofGroup: { file?: string } = {}) {
  const { destination } = createLogs({
    ...{ template: templateOf({}), clock: createClock(), report: () => undefined },
    groups: () => [
      { name: 'access', file, format, ...ofGroup },
      { name: 'printed', file: printed },
    ],
    invocations: { invoke: () => undefined },
    metrics: { add: () => undefined },
  });
  if (!destination || !('answer' in destination)) throw new Error('It answers nothing.');
  const { status, body } = await destination.answer({
    ...{ method: 'POST', url: '/', headers: {}, caller: 'operator', service: 'logs', operation },
    body: Buffer.from(JSON.stringify({ logGroupName: 'access', ...input })),
  });
  return { status, json: JSON.parse(body.toString()) };
}
const timesOf = ({ json }: Awaited<ReturnType<typeof call>>) =>
  json.events.map(({ timestamp }: { timestamp: number }) => timestamp);

describe('FilterLogEvents', () => {
  it('gives whole lines with the time of their request', async () => {
    const { status, json } = await call({});

    expect(status).toBe(200);
    expect(json.events).toHaveLength(4);
    expect(json.events[0]).toMatchObject({ timestamp: 1000, message: lineOf(1000, 'ada') });
    expect(json.nextToken).toBeUndefined();
  });

  it('takes the times from startTime to endTime, both included, and what the pattern takes', async () => {
    expect(timesOf(await call({ startTime: 2000, endTime: 3000 }))).toEqual([2000, 3000]);
    expect(timesOf(await call({ filterPattern: '{ ($.who = "ada") && ($.at != "3000") }' }))).toEqual([
      1000, 4000,
    ]);
  });

  it('goes on where a page ended', async () => {
    const first = await call({ limit: 2, filterPattern: '{ $.who = "ada" }' });
    expect(timesOf(first)).toEqual([1000, 3000]);
    const second = await call({
      limit: 2,
      filterPattern: '{ $.who = "ada" }',
      nextToken: first.json.nextToken,
    });
    expect(timesOf(second)).toEqual([4000]);
    expect(second.json.nextToken).toBeUndefined();
  });

  it('knows a log that nothing was written to', async () => {
    const { status, json } = await call({}, 'FilterLogEvents', { file: join(folder, 'none.log') });

    expect(status).toBe(200);
    expect(json.events).toEqual([]);
  });

  it('gives what a function printed: a line without a time has that of the line before it', async () => {
    expect(timesOf(await call({ logGroupName: 'printed' }))).toEqual([1000, 1000, 3000]);
    expect(timesOf(await call({ logGroupName: 'printed', startTime: 2000 }))).toEqual([3000]);
    expect(timesOf(await call({ logGroupName: 'printed', filterPattern: '{ $.level = "ERROR" }' }))).toEqual([
      1000,
    ]);
  });

  it('refuses what is not there', async () => {
    expect(await call({ logGroupName: 'other' })).toMatchObject({
      status: 400,
      json: { __type: 'ResourceNotFoundException' },
    });
    expect((await call({}, 'GetLogEvents')).status).toBe(501);
    expect((await call({ filterPattern: '?ERROR' })).status).toBe(501);
  });
});

describe('a filter pattern', () => {
  it.each([
    ['', true],
    ['{ $.who = "ada" }', true],
    ['{ $.who != "ada" }', false],
    ['{ ($.who = "ada") && ($.status = "200") }', true],
    ['{ $.who = "ada" && $.status = "500" }', false],
    ['{ $.missing != "ada" }', false],
    ['{ $.who = "a*" }', true],
    ['{ $.who = "*b*" }', false],
    ['{ $.who = "a.a" }', false],
    ['{ $.who = "bob" || $.status = "2*" }', true],
    ['{ ($.who = "bob") || ($.who = "eve") }', false],
    ['{ $.who = "ada" || $.who = "bob" && $.status = "500" }', true],
    ['{ ($.who = "ada" || $.who = "bob") && $.status = "500" }', false],
  ])('%s', (pattern, takes) => {
    expect(filterOf(pattern)(lineOf(1, 'ada'))).toBe(takes);
  });

  it.each([
    '{ $.status > 400 }',
    '{ $.who = "a" || }',
    '{ ($.who = "a" }',
    '{ $.who = "a") }',
    '{ $.who = "a" $.who = "b" }',
    'ERROR',
    '{ }',
  ])('%s is not run, and not taken for another', (pattern) => {
    expect(() => filterOf(pattern)(lineOf(1, 'ada'))).toThrow(PatternNotModelled);
  });
});
