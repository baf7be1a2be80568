import { describe, expect, it } from 'vitest';
import { UnresolvedTemplate } from '../../src/template/resolve.ts';
import { createTemplate } from '../../src/template/template.ts';
import { stackOf, templateOf } from '../fixture.ts';

const table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'pages' } };

/** What `value` becomes as a property of a resource beside a named table. */
function resolved(value: unknown, rest: Parameters<typeof templateOf>[1] = {}): unknown {
  const template = templateOf({ Table: table, Probe: { Type: 'Test::Probe', Properties: { value } } }, rest);
  return template.resources('Test::Probe')[0]?.properties.value;
}

describe('each intrinsic function', () => {
  const tableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/pages';
  const conditions = { Conditions: { IsTest: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } } };

  it.each<[name: string, value: unknown, expected: unknown, rest?: Parameters<typeof templateOf>[1]]>([
    ['Ref of a resource', { Ref: 'Table' }, 'pages'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::AccountId' }, '000000000000'],
    [
      'Ref of a parameter',
      { Ref: 'Size' },
      'small',
      { Parameters: { Size: { Type: 'String', Default: 'small' } } },
    ],
    ['Ref of AWS::NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
    ['Ref of AWS::NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, tableArn],
    ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, tableArn],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'Table' }]] }, 'a/pages'],
    ['Sub', { 'Fn::Sub': `\${AWS::Region}/\${Table.Arn}/\${!kept}` }, `us-east-1/${tableArn}/\${kept}`],
    ['Sub with values', { 'Fn::Sub': [`\${a}-\${Table}`, { a: { Ref: 'AWS::Partition' } }] }, 'aws-pages'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b'] }] }, 'b'],
    ['If', { 'Fn::If': ['IsTest', 'yes', 'no'] }, 'yes', conditions],
    [
      'FindInMap',
      { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'a'] },
      7,
      { Mappings: { Sizes: { 'us-east-1': { a: 7 } } } },
    ],
  ])('resolves %s', (_name, value, expected, rest) => {
    expect(resolved(value, rest)).toEqual(expected);
  });

  it('resolves what another stack exports', () => {
    const exporting = stackOf('a', {
      Resources: { Table: table },
      Outputs: {
        Out: {
          Value: { Ref: 'Table' },
          Export: { Name: { 'Fn::Join': [':', [{ Ref: 'AWS::StackName' }, 'T']] } },
        },
      },
    });
    const importing = stackOf('b', {
      Resources: { Probe: { Type: 'Test::Probe', Properties: { value: { 'Fn::ImportValue': 'a:T' } } } },
    });

    const template = createTemplate([exporting, importing]);

    expect(template.resources('Test::Probe')[0]?.properties).toEqual({ value: 'pages' });
    expect(template.outputs('a')).toEqual([{ key: 'Out', value: 'pages', exportName: 'a:T' }]);
    expect(template.outputs('c')).toBeUndefined();
  });

  it.each([
    ['an intrinsic that is not known', { 'Fn::GetAZs': '' }, 'Fn::GetAZs'],
    ['a resource that is not there', { Ref: 'Nobody' }, 'Nobody'],
    [
      'an attribute that is not known',
      { 'Fn::GetAtt': ['Table', 'Shape'] },
      'Shape of Table (AWS::DynamoDB::Table) is not modelled',
    ],
    ['an export that is not there', { 'Fn::ImportValue': 'x' }, 'no stack exports x'],
  ])('refuses %s and names the place', (_name, value, reason) => {
    const resolve = () => resolved({ deep: [value] });

    expect(resolve).toThrow(UnresolvedTemplate);
    expect(resolve).toThrow(reason);
    expect(resolve).toThrow('weir-test › Probe.value.deep[0]');
  });
});

describe('resources', () => {
  it('are named after stack and logical id where the template names them not, in lower case for buckets', () => {
    const template = templateOf({
      Stream: { Type: 'AWS::Kinesis::Stream' },
      Kept: { Type: 'AWS::S3::Bucket' },
    });

    expect(template.resources('AWS::Kinesis::Stream', 'AWS::S3::Bucket').map(({ name }) => name)).toEqual([
      'weir-test-Stream',
      'weir-test-kept',
    ]);
  });

  it('are left out where their condition does not hold', () => {
    const template = templateOf(
      { Table: { ...table, Condition: 'Never' } },
      { Conditions: { Never: { 'Fn::Not': [{ 'Fn::Equals': ['a', 'a'] }] } } },
    );

    expect(template.resources('AWS::DynamoDB::Table')).toEqual([]);
  });

  it('of types that the twin does not run cannot fail it, whatever their properties hold', () => {
    const template = templateOf({ Odd: { Type: 'Test::Odd', Properties: { a: { 'Fn::GetAZs': '' } } } });

    expect(template.resources('Test::Odd')).toHaveLength(1);
  });
});
