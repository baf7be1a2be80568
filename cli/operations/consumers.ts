// `weir consumers`: whether the functions that consume the streams run, and how. `weir consumer stop` and `start` hold one
// and let it go on; records wait in the stream meanwhile.

import { Option } from '@commander-js/extra-typings';
import type { ConsumerState } from '../../domain/operations/port.ts';
import { type FunctionVerb, functionVerbs } from '../../domain/system/stage-names.ts';
import type { Operator } from '../operator.ts';
import { table } from '../terminal/table.ts';
import { defineVerb, type Result } from '../verb.ts';
import { BothGiven, InvalidNumber, NoSuchConsumer, NothingToSet } from './errors.ts';

const consumerVerbs = functionVerbs.filter((verb) => verb.startsWith('consume'));

const consumerOption = () =>
  new Option('--consumer <name>', 'the consumer').choices(consumerVerbs).makeOptionMandatory();

export const consumers = defineVerb({
  words: ['consumers'],
  summary: 'show whether the consumers of the streams run, and their settings',
  examples: ['consumers', 'consumers --json'],
  options: (command) => command,
  run: showAll,
});

async function showAll(operator: Operator): Promise<Result> {
  const operations = await operator.operations();
  const states = await operations.consumers(consumerVerbs);
  const reserved = await Promise.all(states.map(({ verb }) => operations.concurrency(verb)));
  const shown = states.map((state, index) => ({ ...state, reserved: reserved[index] }));
  return {
    json: {
      consumers: shown.map(({ verb, lastResult, maxAgeSeconds, reserved: instances, ...state }) => ({
        consumer: verb,
        ...state,
        last_result: lastResult,
        max_age_seconds: maxAgeSeconds,
        reserved: instances ?? null,
      })),
    },
    text: render(shown),
  };
}

const render = (shown: readonly (ConsumerState & { readonly reserved: number | undefined })[]): string =>
  table(
    ['CONSUMER', 'STATE', 'LAST RESULT', 'PARALLEL', 'RESERVED', 'OLDEST RECORD'],
    shown.map(({ verb, state, lastResult, parallelization, reserved, maxAgeSeconds }) => [
      verb,
      state,
      lastResult,
      String(parallelization),
      reserved === undefined ? '-' : String(reserved),
      `${maxAgeSeconds / 3600} h`,
    ]),
  );

const switched = (word: 'start' | 'stop', summary: string) =>
  defineVerb({
    words: ['consumer', word],
    summary,
    examples: [`consumer ${word} --consumer consume`],
    options: (command) => command.addOption(consumerOption()),
    run: async (operator, { consumer }) => {
      const operations = await operator.operations();
      await operations.changeConsumer(consumer as FunctionVerb, { enabled: word === 'start' });
      return {
        json: { consumer, enabled: word === 'start' },
        text:
          word === 'start'
            ? `${consumer} starts, and goes on where it stopped. Look after a minute: weir consumers`
            : `${consumer} stops. Records wait in the stream until: weir consumer start --consumer ${consumer}`,
      };
    },
  });

const whole = (option: string, value: string, least: number, most: number): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most)
    throw new InvalidNumber(option, value, least, most);
  return number;
};

const consumerSet = defineVerb({
  words: ['consumer', 'set'],
  summary: 'change how a consumer runs until the next deploy; prints what it was before',
  examples: [
    'consumer set --consumer consume --parallel 10',
    'consumer set --consumer consume --oldest-record-hours 96',
  ],
  options: (command) =>
    command
      .addOption(consumerOption())
      .option('--parallel <number>', 'how many batches of one shard at a time, at most 10')
      .option('--oldest-record-hours <number>', 'older records leave the stream for quarantine'),
  run: async (operator, { consumer, parallel, oldestRecordHours }) => {
    const operations = await operator.operations();
    const [before] = await operations.consumers([consumer as FunctionVerb]);
    if (before === undefined) throw new NoSuchConsumer(consumer);
    const change = {
      ...(parallel !== undefined && { parallelization: whole('parallel', parallel, 1, 10) }),
      ...(oldestRecordHours !== undefined && {
        maxAgeSeconds: 3600 * whole('oldest-record-hours', oldestRecordHours, 1, 168),
      }),
    };
    if (Object.keys(change).length === 0) throw new NothingToSet();
    await operations.changeConsumer(consumer as FunctionVerb, change);
    const was = `--parallel ${before.parallelization} --oldest-record-hours ${before.maxAgeSeconds / 3600}`;
    return {
      json: { consumer, before, change },
      text: `Changed. The way back: weir consumer set --consumer ${consumer} ${was}`,
    };
  },
});

export const consumerVerbsOfCli = [
  switched('stop', 'hold a consumer; records wait in the stream'),
  switched('start', 'let a consumer go on where it stopped'),
  consumerSet,
];

/** Reserved instances, until the next deploy. */
export const concurrency = defineVerb({
  words: ['concurrency'],
  summary: 'show, or set until the next deploy, the reserved instances of a function',
  examples: ['concurrency --function consume', 'concurrency --function consume --reserve 150'],
  options: (command) =>
    command
      .addOption(new Option('--function <name>', 'the function').choices(functionVerbs).makeOptionMandatory())
      .option('--reserve <number>', 'so many instances, 0 to stop it')
      .option('--unreserve', 'reserve nothing'),
  run: async (operator, { function: verb, reserve, unreserve }) => {
    if (reserve !== undefined && unreserve) throw new BothGiven();
    const operations = await operator.operations();
    const before = await operations.concurrency(verb as FunctionVerb);
    const render = (count: number | undefined) => (count === undefined ? 'nothing' : String(count));
    if (reserve === undefined && !unreserve)
      return {
        json: { function: verb, reserved: before ?? null },
        text: `${verb} reserves ${render(before)}.`,
      };
    const after = reserve === undefined ? undefined : whole('reserve', reserve, 0, 100_000);
    await operations.setConcurrency(verb as FunctionVerb, after);
    const back = before === undefined ? '--unreserve' : `--reserve ${before}`;
    return {
      json: { function: verb, reserved: after ?? null, before: before ?? null },
      text: `${verb} reserves ${render(after)}. The way back: weir concurrency --function ${verb} ${back}`,
    };
  },
});
