// What is declared of metrics is what the code of the functions counts: an alarm on a metric that its function never
// counts would compile and never ring.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { metricNames, type Publisher, published } from '../../../../domain/service-levels/metrics.ts';

const countedIn = (folder: string): Set<string> =>
  new Set(
    globSync(`${folder}/**/*.ts`)
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bmetricNames\.(\w+)/g)])
      .map(([, name = '']) => name),
  );

const publishers = (Object.keys(published) as Publisher[]).filter((name) => existsSync(`lambdas/${name}`));

/** Shared by consume and settle. */
const countedByBoth = countedIn('lambdas/{storing,counting}');

it.each(publishers)('%s counts the metrics that it is declared to publish', (verb) => {
  const own = countedIn(`lambdas/${verb}`);
  const isDeclared = (name: string) => (published[verb].metrics as readonly string[]).includes(name);

  expect(published[verb].metrics.filter((name) => !own.has(name) && !countedByBoth.has(name))).toEqual([]);
  expect([...own].filter((name) => !isDeclared(name))).toEqual([]);
});

it('each metric is published by some function', () => {
  const all = new Set(Object.values(published).flatMap(({ metrics }) => metrics as readonly string[]));

  expect(Object.values(metricNames).filter((name) => !all.has(name))).toEqual([]);
});
