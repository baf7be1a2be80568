// The template's EventBridge rules with a pattern: what is put on a bus goes to the functions of the rules of that bus
// which it matches. Buckets put on the default bus, and functions and operators on any, with PutEvents.

import { compilePattern, type EventTest, PatternNotModelled } from '../../core/event-pattern.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import type { Resource, Template } from '../../template/template.ts';
import { busNameOf, busNames, defaultBus } from './buses.ts';
import { type RuleTarget, readTargets } from './rule-targets.ts';

export type BusEvent = Readonly<Record<string, unknown>>;

export type EventRulesOptions = {
  readonly template: Template;
  readonly invocations: AsyncInvoker;
  readonly report: (problem: string) => void;
};

type Rule = {
  readonly id: string;
  readonly bus: string;
  readonly matches: EventTest;
  readonly targets: readonly RuleTarget[];
};

/** The one service of AWS that puts events here. */
const onlyService = 'aws.s3';

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

  /** The rules that it matched, by their logical ids. */
  readonly put = (event: BusEvent, bus: string): readonly string[] => {
    const matching = this.rules.filter((rule) => rule.bus === bus && rule.matches(event));
    for (const { targets } of matching)
      for (const { functionArn, inputOf } of targets)
        this.options.invocations.invoke(functionArn, inputOf(event));
    return matching.map(({ id }) => id);
  };

  private read(rule: Resource): Rule | undefined {
    const { logicalId } = rule;
    const { EventPattern, EventBusName = defaultBus, State = 'ENABLED' } = rule.properties;
    if (EventPattern === undefined) return undefined;
    const { template, report } = this.options;
    const targets = readTargets(rule, template, report);
    const matches = this.compile(rule, EventPattern);
    const bus = busNameOf(String(EventBusName));
    const isBus = busNames(template).has(bus);
    if (!isBus) report(`${logicalId}: there is no bus ${bus} in the template, so it calls nothing.`);
    if (matches === undefined || State === 'DISABLED' || !isBus) return undefined;
    return { id: logicalId, bus, matches, targets };
  }

  private compile({ logicalId }: Resource, pattern: unknown): EventTest | undefined {
    const { source } = pattern as { readonly source?: unknown };
    try {
      if (source !== undefined && isOfOtherServices(source))
        this.options.report(
          `${logicalId}: no service of AWS but ${onlyService} puts events on a bus here, so it calls nothing.`,
        );
      return compilePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternNotModelled)) throw error;
      this.options.report(`${logicalId}: its pattern calls nothing: ${error.message}.`);
      return undefined;
    }
  }
}

/** Only AWS itself may use sources that begin so. */
const isOfOtherServices = (source: unknown): boolean =>
  Array.isArray(source) &&
  source.every((each) => typeof each === 'string' && each.startsWith('aws.') && each !== onlyService);
