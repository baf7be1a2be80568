// The account and region that the twin pretends to be deployed in.

export const twinAccount = { accountId: '000000000000', region: 'us-east-1' } as const;

export function pseudoParameter(name: string, stackName: string): string | undefined {
  const { accountId, region } = twinAccount;
  const values: Readonly<Record<string, string>> = {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': stackId(stackName),
  };
  return values[name];
}

export function stackId(stackName: string): string {
  return `arn:aws:cloudformation:${twinAccount.region}:${twinAccount.accountId}:stack/${stackName}/local`;
}

/** Stands for AWS::NoValue: what holds it is left out. */
export const noValue = Symbol('AWS::NoValue');
