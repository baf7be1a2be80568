// All functions of the template. Callers find one by its ARN, as the template names it, or by its label.

import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Callers } from '../../core/proxy/identify.ts';
import { withLocalQueueUrls } from '../../core/proxy/queue-urls.ts';
import type { Service } from '../../core/start-in-phases.ts';
import { notificationProviders } from '../../template/notification-provider.ts';
import type { Template } from '../../template/template.ts';
import { DeployedFunction, type FunctionActivity } from './deployed-function.ts';
import { FunctionLog } from './function-log.ts';
import { connectionVariables, readFunctionSettings } from './function-settings.ts';

export class NoSuchFunction extends Error {
  override readonly name = 'NoSuchFunction';
}

/** What the gateway, mappings and schedules need of the functions. */
export type Invoker = {
  /** The request id is made where the caller brings none. */
  invoke(functionArn: string, event: unknown, requestId?: string): Promise<unknown>;
};

export type FunctionsOptions = {
  readonly template: () => Template;
  readonly callers: Callers;
  readonly proxyUrl: () => string;
  readonly clock: Clock;
  readonly logFolder: string;
  readonly report: (problem: string) => void;
  /** After this long without an invocation an environment is ended. */
  readonly keepIdleMs?: number;
};

/** Lambda's own is not documented; some minutes are what is seen. */
const defaultKeepIdleMs = 300_000;

export class Functions implements Service, Invoker {
  readonly name = 'the functions';
  private readonly options: FunctionsOptions;
  private readonly byLabel = new Map<string, DeployedFunction>();

  constructor(options: FunctionsOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    // Functions run in UTC, and threads have no time zone of their own but that of the process.
    process.env.TZ = 'UTC';
    const { template, callers, proxyUrl, clock, logFolder, report } = this.options;
    const { keepIdleMs = defaultKeepIdleMs } = this.options;
    const providers = notificationProviders(template());
    for (const resource of template().resources('AWS::Lambda::Function')) {
      if (providers.has(resource.name)) continue;
      const deployed = readFunctionSettings(resource);
      const environment = withLocalQueueUrls(deployed.environment, proxyUrl());
      const settings = { ...deployed, environment };
      const connection = connectionVariables(callers.accessKeyIdOf(settings.label), proxyUrl());
      const log = new FunctionLog(join(logFolder, `${settings.label}.log`), report);
      this.byLabel.set(
        settings.label,
        new DeployedFunction({ settings, connection, clock, keepIdleMs, log, report }),
      );
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.byLabel.values()].map((deployed) => deployed.end()));
  }

  readonly activity = (): Readonly<Record<string, FunctionActivity>> =>
    Object.fromEntries([...this.byLabel].map(([label, { activity }]) => [label, activity]));

  /** By label. */
  codeFolders(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.byLabel].map(([label, { codeFolder }]) => [label, codeFolder]));
  }

  /** New invocations run the code in this folder. */
  replaceCode(label: string, folder: string): void {
    this.find(label).replaceCode(folder);
  }

  async invoke(functionArn: string, event: unknown, requestId?: string): Promise<unknown> {
    const name = functionNameOf(functionArn);
    const deployed = [...this.byLabel.values()].find(({ settings }) => settings.name === name);
    if (deployed === undefined) throw new NoSuchFunction(`The template has no function ${functionArn}.`);
    return deployed.invoke(event, requestId);
  }

  /** One environment, as if its machine were lost; false where it is gone already. */
  kill(label: string, environmentId: string): boolean {
    return this.find(label).kill(environmentId);
  }

  async invokeByName(label: string, event: unknown): Promise<unknown> {
    return this.find(label).invoke(event);
  }

  private find(label: string): DeployedFunction {
    const deployed = this.byLabel.get(label);
    const known = [...this.byLabel.keys()].join(', ');
    if (deployed === undefined) throw new NoSuchFunction(`No function "${label}". There are: ${known}.`);
    return deployed;
  }
}

/** Of an ARN with or without a version or alias, or of a bare name. */
export function functionNameOf(functionArn: string): string {
  return functionArn.startsWith('arn:') ? (functionArn.split(':')[6] ?? functionArn) : functionArn;
}
