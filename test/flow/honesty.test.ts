import { join } from 'node:path';
import { covers, inPart, leftOut } from '@weir/twin/template';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { stages } from '../../lib/stage/stages.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';

// A stage's template differs from another's: what is said here of the twin is said of every stage.
const names = stages.map(({ name }) => name);
const twins = new Map<string, RunningWeir>();
const reported = new Map<string, readonly string[]>();

// Apart from the assemblies of `npm start`: what judges templates takes longer than what makes them, and is left out.
const folder = join('.weir', 'unjudged');

beforeAll(async () => {
  vi.stubEnv('CDK_VALIDATION', 'false');
  for (const stage of names) {
    const lines: string[] = [];
    reported.set(stage, lines);
    const assembly = stage === 'dev' ? inject('assembly') : undefined;
    const report = (problem: string) => lines.push(problem);
    twins.set(stage, await startWeir({ memory: true, folder, stage, assembly, report }));
  }
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([...twins.values()].map((twin) => twin.stop()));
});

const templates = () => [...twins.values()].map(({ template }) => template);
const unread = () => templates().flatMap((template) => template.unread());

it.each(names)('the twin runs everything that the template of %s holds, or says why not', (stage) => {
  expect(reported.get(stage)).toEqual([]);
});

describe('nothing is said to be left out', () => {
  // A global table is run although no template has one.
  const inTemplates = leftOut.flatMap(({ what }) => what).filter((what) => !what.includes('::GlobalTable.'));

  it.each(inTemplates)('that is run, or in no template: %s', (what) => {
    expect(unread().some((each) => covers(what, each))).toBe(true);
  });
});

describe('nothing is said to be run in part', () => {
  const ofTypeIn = (what: string) => {
    const [type = '', property = ''] = what.split('.');
    const resources = templates().flatMap((template) => template.resources(type));
    return { resources, property };
  };
  // A queue and a subscription are run although no template has one yet.
  const inTemplates = inPart.flatMap(({ what }) => what).filter((what) => !/^AWS::(SQS|SNS)::/.test(what));

  it.each(inTemplates)('that is not read, or in no template: %s', (what) => {
    expect(unread().filter((each) => covers(what, each))).toEqual([]);

    const { resources, property } = ofTypeIn(what);
    expect(resources.some(({ properties }) => property in properties)).toBe(true);
  });
});
