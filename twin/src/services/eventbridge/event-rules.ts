// The template's EventBridge rules with a pattern: what is put on the default bus goes to the functions of those it
// matches. Only buckets put something there.

import { compilePattern, type EventTest, PatternNotModelled } from '../../core/event-pattern.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import type { Resource, Template } from '../../template/template.ts';
import { type RuleTarget, readTargets } from './rule-targets.ts';

export type EventRulesOptions = {
  readonly template: Template;
  readonly invocations: AsyncInvoker;
  readonly report: (problem: string) => void;
};

type Rule = { readonly matches: EventTest; readonly targets: readonly RuleTarget[] };

const onlySource = 'aws.s3';
const defaultBus = 'default';

export class EventRules implements Startable {
  readonly name = 'the rules for events';
  private readonly options: EventRulesOptions;
  private rules: readonly Rule[] = [];

  constructor(options: EventRulesOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    this.rules = this.options.template
      .resources('AWS::Events::Rule')
      .flatMap((rule) => this.read(rule) ?? []);
  }

  async end(): Promise<void> {
    this.rules = [];
  }

  readonly put = (event: Readonly<Record<string, unknown>>): void => {
    for (const { matches, targets } of this.rules)
      if (matches(event))
        for (const { functionArn, inputOf } of targets)
          this.options.invocations.invoke(functionArn, inputOf(event));
  };

  private read(rule: Resource): Rule | undefined {
    const { EventPattern, EventBusName = defaultBus, State = 'ENABLED' } = rule.properties;
    if (EventPattern === undefined) return undefined;
    const targets = readTargets(rule, this.options.template, this.options.report);
    const matches = this.compile(rule, EventPattern);
    if (EventBusName !== defaultBus)
      this.options.report(
        `${rule.logicalId}: nothing is put on the bus ${EventBusName}, so it calls nothing.`,
      );
    if (matches === undefined || State === 'DISABLED' || EventBusName !== defaultBus) return undefined;
    return { matches, targets };
  }

  private compile({ logicalId }: Resource, pattern: unknown): EventTest | undefined {
    const { source } = pattern as { readonly source?: unknown };
    try {
      if (source !== undefined && !compilePattern({ source })({ source: onlySource }))
        this.options.report(
          `${logicalId}: only ${onlySource} puts events on a bus here, so it calls nothing.`,
        );
      return compilePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternNotModelled)) throw error;
      this.options.report(`${logicalId}: its pattern calls nothing: ${error.message}.`);
      return undefined;
    }
  }
}
