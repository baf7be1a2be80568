import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { stages } from '../../lib/stage/stages.ts';
import { WeirApp } from '../../lib/weir-app.ts';
import { outputFolders, stacksOf } from './synthesize.ts';

const outputFolder = outputFolders();
// The library's judge takes seconds, and several times as many on a machine that has more to do.
vi.setConfig({ testTimeout: 120_000 });

type PluginReport = {
  readonly pluginName: string;
  readonly violations: readonly unknown[];
  readonly suppressedViolations?: readonly {
    readonly acknowledgedId: string;
    readonly acknowledgedAt: string;
  }[];
};

/** Synthesizes and returns the reports of the validation. Throws if it finds something. */
function reportsOf(app: App): readonly PluginReport[] {
  const { directory } = app.synth();
  return JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')).pluginReports;
}

function acknowledgementsOf(app: App) {
  return app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({ construct, at: construct.node.path, id, reason })),
  );
}

describe.each(stages)('the templates of $name', (stage) => {
  const { app } = stacksOf(stage, outputFolder());
  const acknowledgements = acknowledgementsOf(app);

  it('pass AwsSolutions and the validation of the library', () => {
    const reports = reportsOf(app);

    expect(reports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
    expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('acknowledge each finding with a sentence as the reason', () => {
    expect(acknowledgements.length).toBeGreaterThan(0);
    for (const { at, id, reason } of acknowledgements)
      expect(reason, `${id} at ${at}`).toMatch(/^[A-Z].{38,}\.$/);
  });

  it('acknowledge findings of a resource or a hop, never of a whole stack', () => {
    for (const { construct, at, id } of acknowledgements)
      expect(Stack.isStack(construct) || App.isApp(construct), `${id} at ${at || 'the app'}`).toBe(false);
  });

  it('acknowledge only findings that still occur', () => {
    const suppressed = reportsOf(app).flatMap(({ suppressedViolations = [] }) =>
      suppressedViolations.map(
        ({ acknowledgedId, acknowledgedAt }) => `${acknowledgedId} at ${acknowledgedAt}`,
      ),
    );
    const stale = acknowledgements
      .map(({ id, at }) => `${id} at ${at}`)
      .filter((one) => !suppressed.includes(one));

    expect(stale).toEqual([]);
  });
});

describe('a stack', () => {
  afterEach(() => vi.unstubAllEnvs());

  const resource = (type: string, properties: object) => (stack: Stack) =>
    new CfnResource(stack, 'Wrong', { type, properties: { ...properties } });

  const faults: readonly [string, string, (stack: Stack) => void][] = [
    [
      'with a bucket that takes requests without TLS',
      'AwsSolutions-S10',
      (stack) => new Bucket(stack, 'Wrong'),
    ],
    [
      'with a value of the wrong type',
      'CloudFormation-Validate::F3012',
      resource('AWS::SQS::Queue', { VisibilityTimeout: 'soon' }),
    ],
    [
      'with a warning',
      'CloudFormation-Validate::W2531',
      resource('AWS::Lambda::Function', {
        Runtime: 'nodejs18.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::123456789012:role/some',
        Code: { ZipFile: '//' },
      }),
    ],
    [
      'with a warning of a construct',
      'Annotation::weir:test',
      (stack) => {
        resource('AWS::SNS::Topic', {})(stack);
        Annotations.of(stack).addWarningV2('weir:test', 'not quite right');
      },
    ],
  ];

  it.each(faults)('%s is not synthesized, and the message names %s and the resource', (_what, rule, make) => {
    const app = new WeirApp({ outdir: outputFolder() });
    make(new Stack(app, 'wrong'));

    expect(() => app.synth()).toThrow(rule);
    expect(() => app.synth({ force: true })).toThrow(/^ {3}wrong(\/Wrong\S*)? /m);
  });

  it("fails under the CDK's command line too, which tells the app not to fail on findings", () => {
    vi.stubEnv('CDK_CONTEXT_JSON', JSON.stringify({ [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: false }));
    const app = new WeirApp({ outdir: outputFolder() });
    new Bucket(new Stack(app, 'wrong'), 'Wrong');

    expect(() => app.synth()).toThrow('AwsSolutions-S10');
  });
});
