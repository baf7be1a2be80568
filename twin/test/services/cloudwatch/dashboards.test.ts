import { describe, expect, it } from 'vitest';
import { createAlarms } from '../../../src/cloudwatch.ts';
import { WrongInput } from '../../../src/pages/pages.ts';
import { dashboardPages } from '../../../src/services/cloudwatch/dashboard-pages.ts';
import { Dashboards } from '../../../src/services/cloudwatch/dashboards/dashboards.ts';
import { templateOf } from '../../fixture.ts';

const minuteMs = 60_000;
const nowMs = Date.parse('2026-11-30T12:00:00Z');
const orders = { namespace: 'Shop', name: 'orders', unit: 'Count' };

type Properties = Readonly<Record<string, unknown>>;

/** A page of one dashboard with these widgets, over a store that is filled first. */
function drawn(widgets: readonly unknown[], fill: (of: ReturnType<typeof createAlarms>) => void = () => {}) {
  const template = templateOf({
    Board: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardName: 'shop', DashboardBody: JSON.stringify({ start: '-PT6H', widgets }) },
    },
    Failing: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ...{ AlarmName: 'failing', Namespace: 'Shop', MetricName: 'orders', Dimensions: [] },
        ...{ Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 5 },
        ComparisonOperator: 'GreaterThanThreshold',
      },
    },
  });
  const alarms = createAlarms(template);
  fill(alarms);
  const pages = dashboardPages(
    new Dashboards(template, { store: alarms.store, alarms, now: () => nowMs }),
    () => {},
  );
  return (query = '', name = '/shop') =>
    String(pages[`GET /dashboards${name}`]?.answer('', new URLSearchParams(query)));
}

const metric = (properties: Properties) => ({ type: 'metric', width: 12, height: 6, properties });
const every =
  (minutes: number, count: number, of: Readonly<Record<string, string>> = {}, value = 3) =>
  ({ store }: ReturnType<typeof createAlarms>) => {
    for (let index = 1; index <= count; index += 1)
      store.add({ ...orders, dimensions: of, value, timestampMs: nowMs - index * minutes * minuteMs });
  };
const pathsOf = (html: string) => [...html.matchAll(/<path d="([^"]*)"/g)].map(([, path = '']) => path);
const pointsOf = (path: string | undefined) => path?.match(/[ML]/g)?.length ?? 0;

describe('a page of a dashboard', () => {
  it('has what the widgets are called, over the range that the dashboard says', () => {
    const page = drawn([metric({ title: 'Orders', metrics: [['Shop', 'orders']], stat: 'Sum' })]);

    expect(page()).toContain('<h2>Orders</h2>');
    expect(page()).toContain('2026-11-30 06:00 to 2026-11-30 12:00 UTC');
    expect(page('hours=24')).toContain('2026-11-29 12:00 to');
  });

  it.each(['0', '-1', '1.5', 'all', '99999'])('refuses hours=%s, and says what it takes', (hours) => {
    const page = drawn([]);

    expect(() => page(`hours=${hours}`)).toThrow(new WrongInput('hours is a whole number of 1 to 2208.'));
  });

  it('is listed', () => {
    expect(drawn([])('', '')).toContain('href="dashboards/shop"');
  });

  it('says that there are no data, instead of an empty chart', () => {
    const page = drawn([
      metric({ title: 'Orders', metrics: [['Shop', 'orders']], annotations: { horizontal: [{ value: 5 }] } }),
      metric({ view: 'singleValue', metrics: [['Shop', 'orders']] }),
    ])();

    expect(page.match(/class="none">no data</g)).toHaveLength(2);
    expect(page).not.toContain('<svg');
  });

  it('has states of alarms, and grey where one knows nothing', () => {
    const widget = {
      type: 'alarm',
      properties: { title: 'Alarms', alarms: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:failing'] },
    };

    expect(drawn([widget])()).toContain('<li class="insufficient_data"><b>no data</b> failing</li>');
    const ringing = drawn([widget], (alarms) => {
      every(1, 3, {}, 9)(alarms);
      alarms.evaluateAt(nowMs);
    });
    expect(ringing()).toContain('<li class="alarm"><b>ALARM</b> failing</li>');
  });

  it('shows as text what the template and the metrics call themselves', () => {
    const hostile = '<img src=x onerror=alert(1)>"\'&';
    const page = drawn(
      [
        metric({
          title: hostile,
          metrics: [['Shop', 'orders', { label: hostile }]],
          yAxis: { left: { label: hostile } },
        }),
        metric({ view: 'singleValue', metrics: [['Shop', 'orders', { label: hostile }]] }),
        {
          type: 'text',
          properties: { markdown: `# ${hostile}\n\n- ${hostile}\n\n[x](javascript:alert(1))` },
        },
        { type: 'alarm', properties: { alarms: [hostile] } },
        { type: hostile },
      ],
      every(5, 3),
    )();

    expect(page).not.toMatch(/<img|href="javascript/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });

  it('says of a widget that cannot be computed why, and draws the others', () => {
    const page = drawn(
      [
        metric({ metrics: [[{ expression: 'ANOMALY_DETECTION_BAND(m1)', id: 'e1' }]] }),
        metric({ metrics: [['Shop', 'orders']] }),
        metric({ insightRule: { ruleName: 'r' }, title: 'Who' }),
      ],
      every(5, 3),
    )();

    expect(page).toContain('Not drawn: ');
    expect(page).toContain('Contributor Insights: drawn by CloudWatch only.');
    expect(page.match(/<svg/g)).toHaveLength(1);
  });
});

describe('the rows of a widget', () => {
  it('repeat with dots what the row before has', () => {
    const page = drawn(
      [
        metric({
          metrics: [
            ['Shop', 'orders', 'Shop', 'a', { label: 'first' }],
            ['.', '.', '.', 'b', { label: 'second' }],
            ['...', 'c', { label: 'third' }],
          ],
          stat: 'Sum',
        }),
      ],
      (alarms) => {
        for (const [index, shop] of ['a', 'b', 'c'].entries()) every(5, 3, { Shop: shop }, index + 1)(alarms);
      },
    )();

    for (const [label, value] of [
      ['first', 1],
      ['second', 2],
      ['third', 3],
    ] as const)
      expect(page).toContain(`${label}: ${value}`);
  });

  it('are hidden where they say so, and seen by expressions', () => {
    const page = drawn(
      [
        metric({
          metrics: [
            ['Shop', 'orders', { id: 'm1', visible: false, stat: 'Sum' }],
            [{ expression: 'm1 * 2', label: 'twice', id: 'e1' }],
          ],
        }),
      ],
      every(5, 3),
    )();

    expect(page).toContain('twice: 6');
    expect(pathsOf(page)).toHaveLength(1);
  });

  it('may be one search with many lines, of which the legend names some', () => {
    const page = drawn(
      [
        metric({
          metrics: [[{ expression: `SEARCH('{Shop,Id} MetricName="orders"', 'Sum', 300)`, id: 'e1' }]],
        }),
      ],
      (alarms) => {
        for (let id = 0; id < 9; id += 1) every(5, 3, { Id: `id${id}` })(alarms);
      },
    )();

    expect(pathsOf(page)).toHaveLength(9);
    expect(page).toContain('id0 orders: 3');
    expect(page).toContain('and 3 more');
  });
});

describe('a line', () => {
  const widget = metric({ metrics: [['Shop', 'orders']], stat: 'Sum', period: 60 });

  it('ends where there are no data, and begins again after it', () => {
    const [path] = pathsOf(
      drawn([widget], (alarms) => {
        for (const ago of [10, 9, 8, 4, 3, 2])
          alarms.store.add({ ...orders, dimensions: {}, value: 1, timestampMs: nowMs - ago * minuteMs });
      })(),
    );

    expect(path?.match(/M/g)).toHaveLength(2);
    expect(pointsOf(path)).toBe(6);
  });

  it('of a single value is a dot', () => {
    expect(drawn([widget], every(5, 1))()).toMatch(/<path class="dots" d="M[\d.]+,[\d.]+h0"/);
  });

  it('has a point for each period, and longer periods where there would be thousands', () => {
    const page = drawn([widget], every(1, 7 * 1440));

    expect(pointsOf(pathsOf(page('hours=6'))[0])).toBe(360);
    const week = pathsOf(page('hours=168'))[0];
    expect(pointsOf(week)).toBe(7 * 24 * 4);
    expect(page('hours=168')).toContain('orders: 45');
  });
});

describe('a threshold', () => {
  const withLine = (value: number, ...more: Properties[]) =>
    metric({
      metrics: [['Shop', 'orders']],
      stat: 'Sum',
      annotations: { horizontal: [{ value, label: 'rings' }] },
      ...more[0],
    });
  const heightOf = (html: string) => Number(/class="threshold" d="M0,([\d.]+)H/.exec(html)?.[1]);

  it('is seen above all values', () => {
    const page = drawn([withLine(500)], every(5, 3))();

    expect(heightOf(page)).toBe(0);
    expect(page).toContain('rings');
  });

  it('is seen apart from values that are close to it', () => {
    const page = drawn([withLine(99.9)], (alarms) => {
      every(5, 1, {}, 100)(alarms);
      alarms.store.add({ ...orders, dimensions: {}, value: 99.95, timestampMs: nowMs - 30 * minuteMs });
    })();

    expect(heightOf(page)).toBe(100);
    expect(page).toContain('>99.96<');
  });

  it('keeps to the axis that the widget sets', () => {
    const page = drawn([withLine(50, { yAxis: { left: { min: 0, max: 100 } } })], every(5, 3))();

    expect(heightOf(page)).toBe(50);
  });
});

it('a body that is no JSON is an error that says what it should be', () => {
  const template = templateOf({
    Board: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardName: 'x', DashboardBody: 'no' } },
  });
  const alarms = createAlarms(template);
  const dashboards = new Dashboards(template, { store: alarms.store, alarms, now: () => nowMs });

  expect(() => dashboards.render('x')).toThrow('The body of a dashboard is JSON, an object with a list');
});
