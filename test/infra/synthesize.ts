// Both stacks of a stage, synthesized without a bundler: the tests are about templates, not about functions.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { afterAll } from 'vitest';
import type { FunctionCode } from '../../lib/function/weir-function.ts';
import type { StageSettings } from '../../lib/stage/stage-settings.ts';
import { selectStages, stages } from '../../lib/stage/stages.ts';
import { StatefulStack } from '../../lib/stateful-stack.ts';
import { StatelessStack } from '../../lib/stateless-stack.ts';
import { WeirApp } from '../../lib/weir-app.ts';

const stubCode: FunctionCode = (verb) => Code.fromInline(`exports.handler = async () => '${verb}';`);

export type Templates = { readonly stateful: Template; readonly stateless: Template };

/** For what the apps of one file write; gone after its tests. */
export function outputFolders(): () => string {
  const outputs = mkdtempSync(join(tmpdir(), 'weir-templates-'));
  afterAll(() => rmSync(outputs, { recursive: true }));
  return () => mkdtempSync(join(outputs, 'app-'));
}

const synthesized = new Map<string, Templates>();

/** Once for all files that share this process. No test may change what it returns. */
export function synthesize(stage: StageSettings): Templates {
  const name = JSON.stringify(stage);
  const known = synthesized.get(name);
  if (known !== undefined) return known;
  const output = mkdtempSync(join(tmpdir(), 'weir-templates-'));
  const { app, stateful, stateless } = stacksOf(stage, output);
  if (isListed(stage)) synthesizeUnjudged(app);
  const templates = { stateful: Template.fromStack(stateful), stateless: Template.fromStack(stateless) };
  rmSync(output, { recursive: true });
  synthesized.set(name, templates);
  return templates;
}

const isListed = (stage: StageSettings) => stages.some((listed) => isDeepStrictEqual(listed, stage));

/** The library's own judge takes seconds. It judges every listed stage in validation.test.ts, and any other one here. */
function synthesizeUnjudged(app: WeirApp): void {
  process.env.CDK_VALIDATION = 'false';
  try {
    app.synth();
  } finally {
    delete process.env.CDK_VALIDATION;
  }
}

export function stacksOf(stage: StageSettings, outdir: string, back = false) {
  const app = new WeirApp({ outdir });
  const stateful = new StatefulStack(app, stage);
  const stateless = new StatelessStack(app, { stage, code: stubCode, storage: stateful.storage, back });
  return { app, stateful, stateless };
}

export function stageNamed(name: string): StageSettings {
  const [stage] = selectStages(name);
  if (stage === undefined) throw new Error(`There is no stage ${name} to test.`);
  return stage;
}

/** As dev, and leaves out nothing of what a stage can have. */
export const wholeStage: StageSettings = {
  ...stageNamed('dev'),
  firewall: { requestsPerMinute: 10_000 },
  probe: true,
  deploys: { canary: true },
  streams: { standard: { mode: 'on-demand' }, priority: { mode: 'provisioned', shards: 1 } },
};

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON whose shape is what a test is about
export type Resource = { readonly Type: string; readonly Properties: any; readonly [key: string]: any };

export function resourcesOf(template: Template, type: string): readonly (Resource & { logicalId: string })[] {
  return Object.entries(template.findResources(type)).map(([logicalId, resource]) => ({
    ...(resource as Resource),
    logicalId,
  }));
}

/** The only element; fails if there is none or more than one. */
export function only<T>(found: readonly T[]): T {
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) throw new Error(`Expected one, found ${found.length}.`);
  return first;
}
