import { describe, expect, it } from 'vitest';
import { templateOf } from '../fixture.ts';

const properties = {
  Size: 3,
  Types: ['REGIONAL', 'EDGE'],
  Action: { Allow: {} },
  Rules: [
    { Name: 'a', Limit: { Rate: 1 } },
    { Name: 'b', Limit: { Rate: 2, Burst: 4 } },
  ],
};

function probe() {
  const template = templateOf({
    Probe: { Type: 'Test::Probe', Properties: properties },
    Other: { Type: 'Test::Probe', Properties: { Size: 3 } },
  });
  const [resource] = template.resources('Test::Probe');
  if (resource === undefined) throw new Error('The fixture has lost its probe.');
  const read = resource.properties as typeof properties;
  return { template, resource, read, unread: () => resource.unread() };
}
const allPaths = ['Size', 'Types', 'Action.Allow', 'Rules.Name', 'Rules.Limit.Rate', 'Rules.Limit.Burst'];

describe('a property is unread', () => {
  it('until its value is read, and none is read by walking past it', () => {
    const { read, unread } = probe();
    expect(unread()).toEqual(allPaths);

    const [rule] = read.Rules;
    expect([read.Rules.length, typeof rule?.Limit]).toEqual([2, 'object']);
    expect(unread()).toEqual(allPaths);
    expect(rule?.Limit.Rate).toBe(1);

    expect(unread()).toEqual(allPaths.filter((path) => path !== 'Rules.Limit.Rate'));
  });

  it('whatever is read of another resource', () => {
    const { template, read } = probe();

    expect(read.Size).toBe(3);

    expect(template.unread().filter(({ path }) => path === 'Size')).toMatchObject([
      { resource: { logicalId: 'Other' } },
    ]);
  });

  it.each<[name: string, readAll: (value: typeof properties) => unknown]>([
    ['is written as JSON', (value) => JSON.stringify(value)],
    ['is cloned', (value) => structuredClone(value)],
    [
      'is spread',
      ({ Rules, Action, ...rest }) => [
        { ...rest },
        { ...Action },
        Rules.map(({ Limit, ...rule }) => ({ ...rule, ...Limit })),
      ],
    ],
    ['is compared', (value) => expect(value).toEqual(properties)],
  ])('no more when it %s', (_name, readAll) => {
    const { read, unread } = probe();

    readAll(read);

    expect(unread()).toEqual([]);
  });

  it('no more when its entries are listed, though what is deeper still is', () => {
    const { read, unread } = probe();

    expect(Object.entries(read).map(([name]) => name)).toEqual(Object.keys(properties));

    expect(unread()).toEqual(['Action.Allow', 'Rules.Name', 'Rules.Limit.Rate', 'Rules.Limit.Burst']);
  });

  it('no more when it names the resource and the name is used, by the twin or by a Ref', () => {
    const template = templateOf({
      Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'pages', BillingMode: 'PROVISIONED' } },
      Probe: { Type: 'Test::Probe', Properties: { value: { 'Fn::GetAtt': ['Table', 'Arn'] } } },
    });
    const [table] = template.resources('AWS::DynamoDB::Table');
    expect(table?.unread()).toEqual(['TableName', 'BillingMode']);

    expect(template.resources('Test::Probe')[0]?.properties.value).toMatch(/table\/pages$/);

    expect(table?.unread()).toEqual(['BillingMode']);
  });
});

it('properties are plain values that cannot be changed', () => {
  const { read } = probe();

  expect(read).toEqual(properties);
  expect(JSON.stringify(read)).toBe(JSON.stringify(properties));
  expect([Array.isArray(read.Rules), Array.isArray(read.Types)]).toEqual([true, true]);
  expect(() => Object.assign(read, { Size: 4 })).toThrow(TypeError);
  expect(() => read.Types.push('PRIVATE')).toThrow(TypeError);
  expect(() => Object.assign(read.Rules[0]?.Limit ?? {}, { Rate: 9 })).toThrow(TypeError);
});

it('a resource is unread as a whole until somebody asks for its type', () => {
  const template = templateOf({ Probe: { Type: 'Test::Probe', Properties: { Size: 3 } } });
  expect(template.unread()).toMatchObject([{ resource: { logicalId: 'Probe' } }]);
  expect(template.unread()[0]).not.toHaveProperty('path');

  template.resources('Test::Probe');

  expect(template.unread()).toMatchObject([{ resource: { logicalId: 'Probe' }, path: 'Size' }]);
});

it('what cannot be resolved is unread and fails nobody', () => {
  const template = templateOf({
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'page', Zones: { 'Fn::GetAZs': '' } } },
  });

  expect(template.resources('AWS::SNS::Topic')[0]?.name).toBe('page');

  expect(template.unread().map(({ path }) => path)).toEqual(['Zones']);
});
