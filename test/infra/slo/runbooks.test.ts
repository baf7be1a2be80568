// At night somebody finds the runbook by the name of the alarm, and pastes what it says: the index has every alarm that
// can ring, each runbook has the same sections, and the names in its commands are those of the templates.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publisherOf } from '../../../domain/operations/figures.ts';
import { published } from '../../../domain/service-levels/metrics.ts';
import type { FunctionVerb } from '../../../domain/system/stage-names.ts';
import { alarmIdentities } from '../../../lib/slo/alarm-names.ts';
import { withPrinted } from '../../support/printed-tables.ts';
import { commandsOf } from '../../support/runbook-commands.ts';
import { type Resource, resourcesOf, stageNamed, synthesize, wholeStage } from '../synthesize.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = 'docs/runbooks';
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** It leaves out no alarm. */
const stage = wholeStage;
const { stateful, stateless } = synthesize(stage);
const ringing: readonly Resource[] = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
  .flatMap((type) => resourcesOf(stateless, type))
  .filter(({ Properties }) => Properties.AlarmActions);

const pages = globSync(`${folder}/*.md`, { cwd: root }).toSorted();

const runbooks = pages.filter((page) => basename(page) !== 'README.md');

describe('the index', () => {
  it('has a row for each alarm that can ring: run this test with -u after a change', async () => {
    const rows = alarmIdentities.map(
      ({ name, severity, what, runbook }) =>
        `| \`weir-STAGE-${name}\` | ${severity} | ${what} | [${basename(runbook, '.md')}](${basename(runbook)}) |`,
    );
    const table = ['| alarm | severity | rings when | runbook |', '|---|---|---|---|', ...rows];
    const page = `${folder}/README.md`;

    await expect(withPrinted(read(page), 'lib/slo', table)).toMatchFileSnapshot(join(root, page));
  });

  it('has the severity and the runbook that the template has', () => {
    const described = ringing.map(({ Properties }) => {
      const [, severity, runbook] =
        /Severity: (\w+)\. Runbook: (\S+)$/.exec(Properties.AlarmDescription) ?? [];
      return [Properties.AlarmName.replace('weir-dev-', ''), severity, runbook];
    });

    expect(
      alarmIdentities.map(({ name, severity, runbook }) => [name, severity, runbook]).toSorted(),
    ).toEqual(described.toSorted());
  });

  it('of signals says what each looks at: run this test with -u after a change', async () => {
    const rows = resourcesOf(stateless, 'AWS::CloudWatch::Alarm').flatMap(({ Properties: of }) => {
      if (!of.AlarmActions) return [];
      const statistics = (of.Metrics ?? []) as readonly {
        readonly MetricStat?: { readonly Period: number };
      }[];
      const seconds = of.Period ?? statistics.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period;
      const limit = `${of.ComparisonOperator === 'LessThanThreshold' ? 'under' : 'over'} ${of.Threshold}`;
      const periods = `${of.DatapointsToAlarm} of ${of.EvaluationPeriods}`;
      const name = of.AlarmName.replace('weir-dev-', '');
      return [`| \`${name}\` | ${limit} | ${seconds / 60} min | ${periods} | \`${of.TreatMissingData}\` |`];
    });
    const table = ['| alarm | rings | period | periods | missing data |', '|---|---|--:|--:|---|', ...rows];
    const page = 'docs/operate/alarms.md';

    await expect(withPrinted(read(page), 'lib/slo/signals', table)).toMatchFileSnapshot(join(root, page));
  });

  it('leads to every runbook that is there', () => {
    expect(runbooks).toEqual([...new Set(alarmIdentities.map(({ runbook }) => runbook))].toSorted());
  });
});

describe.each(runbooks)('%s', (page) => {
  const text = read(page);

  it('is found by the name of its alarm', () => {
    expect(text).toMatch(new RegExp(`^# ${basename(page, '.md')}: \\S`));
  });

  it('says what it means, what users notice, how to confirm it, what to do, the way back and what comes after', () => {
    expect(text.match(/^## .*/gm)).toEqual([
      '## What it means',
      '## What users notice',
      '## Confirm',
      '## What to do',
      '## When to stop, and the way back',
      '## Afterwards',
    ]);
  });

  it('has commands that a test runs on the twin, and nothing else where those are', () => {
    const commands = commandsOf(text);

    expect(commands).not.toEqual([]);
    expect(commands.filter((command) => !/^weir [^|;$`]+$/.test(command))).toEqual([]);
  });

  it('says of every other command that it is for AWS, and sets the stage that it needs', () => {
    const others = [...text.matchAll(/([^\n]*\n?[^\n]*)\n\n *```text\n([\s\S]*?)\n *```/g)];
    expect(
      others.map(([, before = '']) => before).filter((before) => !/on AWS\s+only/i.test(before)),
    ).toEqual([]);
    expect(
      others.filter(([, , block = '']) => /\$STAGE/.test(block) && !/^ *STAGE=prod\n/.test(block)),
    ).toEqual([]);
  });
});

describe.each(pages)('the commands of %s', (page) => {
  const text = read(page);
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].flatMap(([, words = '']) => words.split(' '));

  const functionNames = resourcesOf(stateless, 'AWS::Lambda::Function').map(({ Properties }) =>
    Properties.FunctionName.replace('weir-dev-', ''),
  );

  it('name functions that are there', () => {
    const named = [
      ...all(/--function-name weir-\$STAGE-([\w-]+)/g),
      ...all(/Name=FunctionName,Value=weir-\$STAGE-([\w-]+)/g),
      ...all(/(?:--function|--consumer) ([\w-]+)/g),
    ];

    expect(named.filter((name) => !functionNames.includes(name))).toEqual([]);
  });

  it('name outputs that are there, of the stack that has them', () => {
    const asked = [...text.matchAll(/--stack-name weir-\$STAGE-(\w+) [^`]*?OutputKey=='([\w$]+)'/g)].flatMap(
      ([, stack, output = '']) =>
        (/\$OUTPUT/.test(output) ? all(/for OUTPUT in ([A-Za-z ]+);/g) : [output.replace('$RATE', '10')]).map(
          (name) => [stack, name],
        ),
    );
    const missing = asked.filter(
      ([stack, name = '']) => !(name in (stack === 'stateful' ? stateful : stateless).findOutputs('*')),
    );

    expect(missing).toEqual([]);
  });

  it('name metrics of ours that the function publishes', () => {
    const named = [...text.matchAll(/--function ([\w-]+) --name ([\w ]+)/g)].flatMap(
      ([, verb = '', names = '']) => names.split(' ').map((name) => [verb as FunctionVerb, name] as const),
    );
    const isPublished = ([verb, name]: (typeof named)[number]) => {
      const publisher = publisherOf(verb);
      return publisher !== undefined && (published[publisher].metrics as readonly string[]).includes(name);
    };

    expect(named.filter((each) => !isPublished(each))).toEqual([]);
  });

  it('raise a concurrency above that of prod, and no further than a quota of 1,000 allows', () => {
    const reserved = { ...stageNamed('prod').reservedConcurrency } as Record<string, number>;
    const unreservable = 100;
    const left =
      1000 -
      unreservable -
      Object.values(reserved).reduce((sum, each) => sum + (typeof each === 'number' ? each : 0), 0);
    const raised = [...text.matchAll(/weir concurrency --function ([\w-]+) --reserve (\d+)/g)].map(
      ([, name = '', instances]) => Number(instances) - (reserved[name] ?? Number.NaN),
    );

    expect(raised.filter((more) => !(more > 0 && more <= left))).toEqual([]);
  });

  it('name settings of a stage and files that are there', () => {
    const settings = all(/stage's\s+`(\w+)`/g).filter((name) => !Object.hasOwn(stage, name));
    const files = all(/`((?:domain|lib|lambdas|test)\/[\w/.-]+)`/g).filter(
      (path) => !existsSync(join(root, path)),
    );

    expect([...settings, ...files]).toEqual([]);
  });
});
