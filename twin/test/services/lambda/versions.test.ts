import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../../../src/core/clock.ts';
import type { Measurement } from '../../../src/core/metric-sink.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { Functions } from '../../../src/services/lambda/functions.ts';
import { InvalidAlias, NoSuchVersion, Versions } from '../../../src/services/lambda/versions.ts';
import type { Template } from '../../../src/template/template.ts';
import { functionArn, templateOf } from '../../fixture.ts';
import { eventually } from '../../support/eventually.ts';

const name = 'weir-dev-probe';
const live = `${functionArn(name)}:live`;

const templateWith = (folder: string, alias: object = {}, properties: object = {}): Template =>
  templateOf(
    {
      Probe: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: name,
          Code: { S3Bucket: 'assets', S3Key: 'hash.zip' },
          Handler: 'index.handler',
          Timeout: 30,
          ...properties,
        },
      },
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Probe' } } },
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: { Ref: 'Probe' },
          FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
          Name: 'live',
          ...alias,
        },
      },
    },
    {},
    { 'hash.zip': folder },
  );

describe('an alias', () => {
  const versionsOf = (random: () => number, alias: object = {}) => {
    const versions = new Versions({ template: templateWith('code', alias), random });
    versions.start();
    return versions;
  };

  it('calls the version that the template names', () => {
    expect(versionsOf(() => 0).pick(name, live)).toBe('1');
    expect(versionsOf(() => 0).pick(name, functionArn(name))).toBe('$LATEST');
    expect(versionsOf(() => 0).pick(name, `${functionArn(name)}:1`)).toBe('1');
  });

  it('gives a second version exactly the calls of its weight, whatever chance says', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(chance, fc.double({ min: 0, max: 1, noNaN: true }), (point, weight) => {
        const versions = versionsOf(() => point);
        const second = versions.publish(name);
        versions.setAlias(name, 'live', { version: '1', additional: { [second]: weight } });

        expect(versions.pick(name, live)).toBe(point < weight ? second : '1');
      }),
      { seed: 22 },
    );
  });

  it('may begin with weights that the template names', () => {
    const weights = (version: string) => ({
      RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: version, FunctionWeight: 0.1 }] },
    });

    expect(versionsOf(() => 0, weights('1')).alias(name, 'live')?.additional).toEqual({ 1: 0.1 });
    expect(() => versionsOf(() => 0, weights('2'))).toThrow(InvalidAlias);
  });

  it.each([
    ['version that is not there', { version: '9', additional: {} }],
    ['second version that is not there', { version: '1', additional: { 9: 0.1 } }],
    ['third version', { version: '1', additional: { 1: 0.1, $LATEST: 0.1 } }],
    ['negative weight', { version: '1', additional: { 1: -0.1 } }],
    ['weight over 1', { version: '1', additional: { 1: 1.1 } }],
    ['share for the latest code', { version: '1', additional: { $LATEST: 0.1 } }],
  ])('takes no %s, and stays as it was', (_what, alias) => {
    const versions = versionsOf(() => 0);

    expect(() => versions.setAlias(name, 'live', alias)).toThrow(InvalidAlias);
    expect(versions.pick(name, live)).toBe('1');
  });

  it.each(['nobody', '0', '2', '01'])(
    'or version that is not there (%s) is called by nobody',
    (qualifier) => {
      expect(() => versionsOf(() => 0).pick(name, `${functionArn(name)}:${qualifier}`)).toThrow(
        NoSuchVersion,
      );
    },
  );
});

describe('a new version', () => {
  let folder: string;
  let functions: Functions;
  let point: number;
  const measured: Measurement[] = [];

  const codeIn = (version: string, code: string) => {
    const codeFolder = join(folder, version);
    mkdirSync(codeFolder);
    writeFileSync(join(codeFolder, 'index.mjs'), code);
    return codeFolder;
  };
  const told = (version: string) =>
    `export const handler = async (event, context) => {
       const { existsSync } = await import('node:fs');
       while (event.until && !existsSync(event.until)) await new Promise((resolve) => setTimeout(resolve, 5));
       return { ran: '${version}', context: context.functionVersion, arn: context.invokedFunctionArn,
         variable: process.env.AWS_LAMBDA_FUNCTION_VERSION };
     };`;
  const start = async (properties: object = {}) => {
    functions = new Functions({
      template: templateWith(codeIn('old', told('old')), {}, properties),
      callers: createCallers(),
      proxy: { url: 'http://127.0.0.1:1' },
      clock: createClock(),
      logFolder: join(folder, 'logs'),
      outages: { failed: () => undefined, succeeded: () => undefined },
      report: (problem) => expect.fail(problem),
      metrics: { add: (each) => measured.push(each) },
      random: () => point,
    });
    await functions.start();
  };
  const give = (version: string, weight: number) =>
    functions.versions.setAlias(name, 'live', { version: '1', additional: { [version]: weight } });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-versions-'));
    point = 0.5;
    measured.length = 0;
  });
  afterEach(async () => {
    await functions.end();
    rmSync(folder, { recursive: true });
  });

  it('is called by nobody before an alias names it, and then runs its own code for its share of the calls', async () => {
    await start();
    const second = functions.publishVersion('probe', codeIn('new', told('new')));
    expect(await functions.invoke(live, {})).toMatchObject({ ran: 'old' });

    give(second, 0.1);
    const ran = [];
    for (point of [0.05, 0.1, 0.5, 0.99]) ran.push(await functions.invoke(live, {}));

    expect(ran).toMatchObject([{ ran: 'new' }, { ran: 'old' }, { ran: 'old' }, { ran: 'old' }]);
    expect(ran[0]).toEqual({ ran: 'new', context: '2', arn: live, variable: '2' });
  });

  it('that fails is counted by itself, and the calls beside it succeed', async () => {
    await start();
    const code = "export const handler = async () => { throw new Error('new'); };";
    give(functions.publishVersion('probe', codeIn('new', code)), 0.1);

    point = 0.05;
    for (const _ of [1, 2]) await expect(functions.invoke(live, {})).rejects.toThrow('new');
    point = 0.5;
    for (const _ of [1, 2, 3]) await functions.invoke(live, {});

    expect(functions.activity().probe).toMatchObject({
      invocations: 5,
      errors: 2,
      versions: { 1: { invocations: 3, errors: 0 }, 2: { invocations: 2, errors: 2 } },
    });
    const errorsOf = (dimensions: object) =>
      measured
        .filter((each) => each.name === 'Errors' && isDeepStrictEqual(each.dimensions, dimensions))
        .reduce((sum, { value }) => sum + value, 0);
    const both = { FunctionName: name, Resource: `${name}:live` };
    expect(errorsOf({ FunctionName: name })).toBe(2);
    expect(errorsOf(both)).toBe(2);
    expect(errorsOf({ ...both, ExecutedVersion: '1' })).toBe(0);
    expect(errorsOf({ ...both, ExecutedVersion: '2' })).toBe(2);
  });

  it('takes over while a call is under way, which ends on the old one', async () => {
    await start();
    const until = join(folder, 'go');
    const underWay = functions.invoke(live, { until });
    await eventually(
      async () => functions.activity().probe?.busy,
      (busy) => busy === 1,
    );

    const second = functions.publishVersion('probe', codeIn('new', told('new')));
    functions.versions.setAlias(name, 'live', { version: second, additional: {} });
    expect(await functions.invoke(live, {})).toMatchObject({ ran: 'new' });
    expect(existsSync(until)).toBe(false);
    writeFileSync(until, '');

    expect(await underWay).toMatchObject({ ran: 'old' });
  });

  it('shares the reserved concurrency with the old one: what is idle of the one makes room for the other', async () => {
    await start({ ReservedConcurrentExecutions: 1 });
    await functions.invoke(live, {});
    give(functions.publishVersion('probe', codeIn('new', told('new'))), 1);

    expect(await functions.invoke(live, {})).toMatchObject({ ran: 'new' });
    const until = join(folder, 'go');
    const underWay = functions.invoke(live, { until });
    await eventually(
      async () => functions.activity().probe?.busy,
      (busy) => busy === 1,
    );
    await expect(functions.invoke(`${functionArn(name)}:1`, {})).rejects.toThrow('no environment is free');
    writeFileSync(until, '');
    await underWay;
    expect(functions.activity().probe).toMatchObject({ environments: 1, throttles: 1 });
  });

  it('is replaced with all others when the code of the function is', async () => {
    await start();
    give(functions.publishVersion('probe', codeIn('new', told('new'))), 1);
    await functions.invoke(live, {});

    functions.replaceCode('probe', codeIn('newest', told('newest')));

    expect(await functions.invoke(live, {})).toMatchObject({ ran: 'newest' });
    expect(await functions.invoke(`${functionArn(name)}:1`, {})).toMatchObject({ ran: 'newest' });
  });
});
