import { describe, expect, it } from 'vitest';
import { objectives, pairsOf } from '../../../domain/service-levels/objectives.ts';
import { inWords } from '../../../lib/slo/indicators.ts';
import { signalGroups, signals } from '../../../lib/slo/signals/signals.ts';
import { only, resourcesOf, stageNamed, synthesize, wholeStage } from '../synthesize.ts';

const { stateless } = synthesize(wholeStage);
const alarms = [
  ...resourcesOf(stateless, 'AWS::CloudWatch::Alarm'),
  ...resourcesOf(stateless, 'AWS::CloudWatch::CompositeAlarm'),
];
const named = (name: string) =>
  only(alarms.filter(({ Properties }) => Properties.AlarmName === `weir-dev-${name}`));

type Widget = {
  readonly type: string;
  readonly width: number;
  readonly properties: {
    readonly title: string;
    readonly markdown?: string;
    readonly insightRule?: { readonly ruleName: string };
    readonly metrics: unknown[];
    readonly alarms?: string[];
    readonly annotations?: { readonly horizontal: { value: number; label: string }[] };
  };
};

function widgetsOf(dashboard: string, template = stateless): readonly Widget[] {
  const { Properties } = only(
    resourcesOf(template, 'AWS::CloudWatch::Dashboard').filter(
      (each) => each.Properties.DashboardName === dashboard,
    ),
  );
  const parts: unknown[] = Properties.DashboardBody['Fn::Join'][1];
  const text = parts.map((part) =>
    typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', "'"),
  );
  return JSON.parse(text.join('')).widgets;
}

const titled = (widgets: readonly Widget[], start: string) =>
  only(widgets.filter(({ properties }) => properties.title?.startsWith(start))).properties;

describe('the dashboard of service levels', () => {
  const widgets = widgetsOf('weir-dev-service-levels');
  const burning = objectives.filter((objective) => pairsOf(objective).length > 0);

  it('says in words when to ship and when to freeze, and lists the alarms that freeze', () => {
    expect(widgets[0]?.properties.markdown).toMatch(
      /^## Ship or freeze\?.*\*\*Ship\*\* while .*\*\*Freeze\*\*/s,
    );
    const listed = titled(widgets, 'Freeze while one of these is red').alarms ?? [];
    const paging = burning.flatMap((objective) =>
      pairsOf(objective).filter(({ severity }) => severity === 'page'),
    );
    expect(listed.length).toBeGreaterThanOrEqual(paging.length);
  });

  it.each(burning)('draws the burn rates of $title with the thresholds of its alarms', (objective) => {
    const { annotations, metrics } = titled(widgets, `${objective.title}: how fast its budget burns`);

    expect(annotations?.horizontal.map(({ value }) => value)).toEqual(
      pairsOf(objective).map(({ name }) => named(`${objective.name}-burn-${name}-long`).Properties.Threshold),
    );
    // No line twice, and none that a day cannot show.
    const labels = metrics.flat().flatMap((part) => (part as { label?: string }).label ?? []);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels.filter((label) => label.startsWith('burn rate'))).toEqual([
      'burn rate over 1 hour',
      'burn rate over 6 hours',
      'burn rate over 3 hours',
    ]);
  });

  it.each(burning)('draws $title over the window that its title names', (objective) => {
    const { title, metrics, annotations } = titled(widgets, `${objective.title}: good over`);

    const periods = JSON.stringify(metrics).matchAll(/"period":(\d+)/g);
    expect([...new Set([...periods].map(([, seconds]) => inWords(Number(seconds) / 60)))]).toEqual([
      /good over (.*) \(/.exec(title)?.[1],
    ]);
    expect(title).toContain(
      `promised: ${objective.targetPercent} % over ${inWords(objective.windowHours * 60)}`,
    );
    expect(annotations?.horizontal).toMatchObject([{ value: objective.targetPercent }]);
  });

  it.each(['Kept, in percent', 'Budget left, in percent'])('shows of every promise: %s', (start) => {
    const shown = JSON.stringify(titled(widgets, start).metrics);

    for (const { name } of objectives) expect(shown).toContain(`"objective","${name}"`);
  });

  it('names the window of every graph, or that it is a minute', () => {
    for (const { type, properties } of widgets)
      if (type === 'metric') expect(properties.title).toMatch(/over |, in percent|by tier|stored/);
  });
});

describe('the dashboard of on-call', () => {
  const widgets = widgetsOf('weir-dev-on-call');

  it('lists every alarm that rings, by what it does', () => {
    const listed = ['These wake someone', 'These make a ticket'].flatMap(
      (title) => titled(widgets, title).alarms ?? [],
    );
    const ringing = alarms.filter(({ Properties }) => Properties.AlarmActions && isOfTopics(Properties));

    expect(listed.length).toBe(ringing.length);
  });

  it.each(signals.map(({ name, title }) => ({ name, title })))(
    'draws $name with the threshold of its alarm',
    ({ name, title }) => {
      const { annotations } = only(widgets.filter(({ properties }) => properties.title === title)).properties;

      expect(annotations?.horizontal.map(({ value }) => value)).toContain(named(name).Properties.Threshold);
    },
  );

  it('shows every signal under a heading that says what it is about, in rows of three', () => {
    const headings = widgets.flatMap(({ properties }) => properties.markdown ?? []);

    expect(headings).toEqual(expect.arrayContaining(signalGroups.map(({ about }) => `## ${about}`)));
    for (const { about, signals: of } of signalGroups) {
      const start = widgets.findIndex(({ properties }) => properties.markdown === `## ${about}`);
      const after = widgets.slice(start + 1);
      const end = after.findIndex(({ type }) => type === 'text');
      expect(after.slice(0, end).map(({ properties }) => properties.title)).toEqual(
        of
          .filter(({ name }) => alarms.some((each) => each.Properties.AlarmName === `weir-dev-${name}`))
          .map(({ title }) => title),
      );
    }
    for (const { type, width } of widgets) expect(width).toBe(type === 'metric' ? 8 : 24);
  });

  it('shows whom each rule of Contributor Insights ranks first', () => {
    const rules = resourcesOf(stateless, 'AWS::CloudWatch::InsightRule').map(
      ({ Properties }) => Properties.RuleName,
    );
    const shown = widgets.flatMap(({ properties }) => properties.insightRule?.ruleName ?? []);

    expect(shown.toSorted()).toEqual(rules.toSorted());
    expect(shown.length).toBeGreaterThan(0);
  });

  it('shows the failures of every route that no objective counts', () => {
    expect(
      titled(widgets, 'Failures that no objective counts').metrics.map(
        (row) => ((row as unknown[]).at(-1) as { label: string }).label,
      ),
    ).toEqual(['POST /v1/events:debug', 'GET /health', 'HEAD /health']);
  });

  it('shows what is sent and read, what limits refuse, and how many accounts are active', () => {
    for (const title of [
      'Events a minute',
      'Requests that a limit',
      'Summaries and searches',
      'Active accounts',
    ])
      expect(titled(widgets, title).metrics.length).toBeGreaterThan(0);
  });
});

it('a stage with the alarms of signals only has the dashboard of on-call only', () => {
  const names = resourcesOf(synthesize(stageNamed('tiny')).stateless, 'AWS::CloudWatch::Dashboard').map(
    ({ Properties }) => Properties.DashboardName,
  );

  expect(names).toEqual(['weir-tiny-on-call']);
});

/** Alarms of deploys tell nobody. */
const isOfTopics = ({ AlarmActions }: { readonly AlarmActions: unknown }) =>
  JSON.stringify(AlarmActions).includes('Topic');
