// All functions of the template that are run. They are found by ARN, name, logical id or label.

import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { Clock } from '../../core/clock.ts';
import type { InvokeOptions, Invoker } from '../../core/invocation.ts';
import type { LogGroup } from '../../core/log-group.ts';
import type { MetricSink } from '../../core/metric-sink.ts';
import type { Outages } from '../../core/outages.ts';
import type { AwsEntrance } from '../../core/proxy/aws-call.ts';
import type { Callers } from '../../core/proxy/identify.ts';
import { withLocalQueueUrls } from '../../core/proxy/queue-urls.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import { notificationProviders } from '../../template/notification-provider.ts';
import { functionNameOf, qualifiedArn, type Resource, type Template } from '../../template/template.ts';
import { DeployedFunction, type FunctionActivity } from './deployed-function.ts';
import { FunctionLog } from './function-log.ts';
import {
  connectionVariables,
  FunctionNotRunnable,
  type FunctionSettings,
  logGroupNameOf,
  readFunctionSettings,
} from './function-settings.ts';
import { Versions } from './versions.ts';

export class NoSuchFunction extends Error {
  override readonly name = 'NoSuchFunction';
}

export type FunctionsOptions = {
  readonly outages: Pick<Outages, 'failed' | 'succeeded'>;
  readonly template: Template;
  readonly callers: Callers;
  readonly proxy: Pick<AwsEntrance, 'url'>;
  readonly clock: Clock;
  readonly metrics: MetricSink;
  readonly logFolder: string;
  readonly report: (problem: string) => void;
  /** Those that an option adds, asked for when an environment is made. */
  readonly variables?: ((label: string) => Readonly<Record<string, string>>) | undefined;
  readonly environmentsPerFunction?: number | undefined;
  /** Decides which version of an alias a call runs. */
  readonly random?: (() => number) | undefined;
  /** After this long without an invocation an environment is ended. */
  readonly keepIdleMs?: number;
};

/** Lambda's own is not documented; some minutes are what is seen. */
const defaultKeepIdleMs = 300_000;

export class Functions implements Startable, Invoker {
  readonly name = 'the functions';
  private readonly options: FunctionsOptions;
  private readonly resources: readonly Resource[];
  private readonly byLabel = new Map<string, DeployedFunction>();
  /** Those of the template are known once the functions have started. */
  readonly versions: Versions;
  private inlineFolder: string | undefined;

  constructor(options: FunctionsOptions) {
    const { template } = options;
    this.options = options;
    this.versions = new Versions({ template, random: options.random ?? Math.random });
    const providers = notificationProviders(template);
    this.resources = template.resources('AWS::Lambda::Function').filter(({ name }) => !providers.has(name));
  }

  get labels(): readonly string[] {
    return this.resources.map(({ name }) => this.options.template.labelOf(name));
  }

  logGroups(): readonly LogGroup[] {
    return this.resources.map((resource) => ({
      name: logGroupNameOf(resource),
      file: this.logFileOf(this.options.template.labelOf(resource.name)),
    }));
  }

  async start(): Promise<void> {
    // Functions run in UTC, and threads have no time zone of their own but that of the process.
    process.env.TZ = 'UTC';
    this.versions.start();
    const { template, callers, proxy, clock, metrics, outages, report } = this.options;
    const { keepIdleMs = defaultKeepIdleMs, environmentsPerFunction, variables } = this.options;
    for (const resource of this.resources) {
      const deployed = readFunctionSettings(
        resource,
        template.labelOf(resource.name),
        environmentsPerFunction,
      );
      if (!/^\w[\w.-]*$/.test(deployed.label))
        throw new FunctionNotRunnable(
          `${resource.logicalId}: the label "${deployed.label}" names a file of its log, and can have letters, digits, ".", "-" and "_" only.`,
        );
      if (this.byLabel.has(deployed.label))
        throw new FunctionNotRunnable(
          `${resource.logicalId}: another function has the label ${deployed.label}, too. Give them labels that differ.`,
        );
      const environment = withLocalQueueUrls(deployed.environment, proxy.url);
      const codeFolder = deployed.codeFolder ?? this.writeInline(deployed);
      const settings = { ...deployed, codeFolder, environment };
      const connection = connectionVariables(callers.accessKeyIdOf(settings.label), proxy.url);
      const log = new FunctionLog(this.logFileOf(settings.label), report);
      this.byLabel.set(
        settings.label,
        new DeployedFunction({
          ...{ settings, connection, clock, metrics, outages, keepIdleMs, log, report },
          added: () => variables?.(settings.label) ?? {},
        }),
      );
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.byLabel.values()].map((deployed) => deployed.end()));
    if (this.inlineFolder !== undefined) rmSync(this.inlineFolder, { recursive: true, force: true });
  }

  readonly activity = (): Readonly<Record<string, FunctionActivity>> =>
    Object.fromEntries([...this.byLabel].map(([label, { activity }]) => [label, activity]));

  /** By label. */
  codeFolders(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.byLabel].map(([label, { codeFolder }]) => [label, codeFolder]));
  }

  /** New invocations run the code in this folder, whichever version they call. */
  replaceCode(label: string, folder: string): void {
    this.find(label).replaceCode(folder);
  }

  /** Returns the number of a new version with the code in this folder. Nothing calls it before an alias names it. */
  publishVersion(label: string, folder: string): string {
    const deployed = this.find(label);
    const version = this.versions.publish(deployed.settings.name);
    deployed.addVersion(version, folder);
    return version;
  }

  /** Which version runs is chosen for each call. */
  async invoke(functionArn: string, event: unknown, options?: InvokeOptions): Promise<unknown> {
    const name = functionNameOf(functionArn);
    const deployed = this.named(name);
    if (deployed === undefined) throw new NoSuchFunction(`The template has no function ${functionArn}.`);
    const version = this.versions.pick(name, functionArn);
    options?.onVersion?.(version);
    return deployed.invoke({ version, arn: functionArn }, event, options);
  }

  named(name: string): DeployedFunction | undefined {
    return [...this.byLabel.values()].find(({ settings }) => settings.name === name);
  }

  /** One environment, as if its machine were lost; false where it is gone already. */
  kill(label: string, environmentId: string): boolean {
    return this.find(label).kill(environmentId);
  }

  async invokeByName(name: string, event: unknown): Promise<unknown> {
    const deployed = this.find(functionNameOf(name));
    const { arn } = deployed.settings;
    return this.invoke(qualifiedArn(arn, name), event);
  }

  /** Beside the logs, in a file of the name that Lambda gives it. Each twin has a folder: several may share the logs'. */
  private writeInline({ label, inlineCode = '' }: FunctionSettings): string {
    this.inlineFolder ??= join(this.options.logFolder, '..', 'inline-code', randomUUID());
    const folder = join(this.inlineFolder, label);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, isCommonJs(inlineCode) ? 'index.js' : 'index.mjs'), inlineCode);
    return folder;
  }

  private logFileOf(label: string): string {
    return join(this.options.logFolder, `${label}.log`);
  }

  private find(name: string): DeployedFunction {
    const resource = this.resources.find((each) => each.name === name || each.logicalId === name);
    const label = resource === undefined ? name : this.options.template.labelOf(resource.name);
    const deployed = this.byLabel.get(label);
    const known = [...this.byLabel.keys()].join(', ');
    if (deployed === undefined) throw new NoSuchFunction(`No function "${name}". There are: ${known}.`);
    return deployed;
  }
}

/** Where Node can parse it as such; anything else is a module, or wrong as either. */
function isCommonJs(code: string): boolean {
  try {
    compileFunction(code);
    return true;
  } catch {
    return false;
  }
}
