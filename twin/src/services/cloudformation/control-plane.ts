// CloudFormation's DescribeStacks over the resolved templates, so that an operator finds the names of what the
// twin runs exactly as in the cloud.

import { escapeXml } from '../../core/http/xml-text.ts';
import type { AwsAnswer, AwsCall } from '../../core/proxy/aws-call.ts';
import { stackId } from '../../template/pseudo-parameters.ts';
import type { StackOutput, Template } from '../../template/template.ts';

const namespace = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/** The stack of `cdk bootstrap`. */
const bootstrapStack = 'CDKToolkit';

export function createCloudFormationControl(template: Template, bootstrapVersion: () => number = () => 0) {
  const outputsOf = (name: string): readonly StackOutput[] | undefined =>
    name === bootstrapStack && bootstrapVersion() > 0
      ? [{ key: 'BootstrapVersion', value: String(bootstrapVersion()) }]
      : template.outputs(name);
  return async (call: Pick<AwsCall, 'body'>): Promise<AwsAnswer> => {
    const form = new URLSearchParams(call.body.toString());
    const action = form.get('Action');
    if (action !== 'DescribeStacks')
      return failure('InvalidAction', `The local twin has no ${action} of CloudFormation.`);
    const asked = form.get('StackName');
    const names = asked === null ? template.stackNames : [asked];
    const stacks: string[] = [];
    for (const name of names) {
      const outputs = outputsOf(name);
      if (outputs === undefined) return failure('ValidationError', `Stack with id ${name} does not exist`);
      stacks.push(describe(name, outputs));
    }
    return xml(
      200,
      `<DescribeStacksResponse xmlns="${namespace}"><DescribeStacksResult><Stacks>${stacks.join('')}` +
        `</Stacks></DescribeStacksResult>${requestId}</DescribeStacksResponse>`,
    );
  };
}

const requestId = '<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata>';

function describe(name: string, outputs: readonly StackOutput[]): string {
  const members = outputs.map(
    ({ key, value, exportName }) =>
      `<member><OutputKey>${escapeXml(key)}</OutputKey><OutputValue>${escapeXml(value)}</OutputValue>` +
      `${exportName === undefined ? '' : `<ExportName>${escapeXml(exportName)}</ExportName>`}</member>`,
  );
  return (
    `<member><StackId>${stackId(name)}</StackId><StackName>${escapeXml(name)}</StackName>` +
    '<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>' +
    `<Outputs>${members.join('')}</Outputs></member>`
  );
}

function failure(code: string, message: string): AwsAnswer {
  return xml(
    400,
    `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`,
  );
}

function xml(status: number, text: string): AwsAnswer {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}
